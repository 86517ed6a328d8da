/*
 * The server's half of SCRAM-SHA-256 (RFC 5802, RFC 7677), as Postgres checks it, without channel binding. Extensions
 * are not taken.
 */

#ifndef SCRAM_H
#define SCRAM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "base64.h"
#include "sha256.h"

enum { NONCE_BYTES = 18, NONCE_LENGTH = 256, SERVER_FIRST_LENGTH = 512, AUTH_MESSAGE_LENGTH = 1280 };

/* What a server keeps of a password (RFC 5802, section 3); the salt in base64, the number of iterations in digits. */
struct verifier {
  const char *salt, *iterations;
  unsigned char stored_key[HASH_BYTES], server_key[HASH_BYTES];
};

/* One login, between the client's two messages. */
struct exchange {
  /* The final message up to its proof, as it has to be. */
  char expected[NONCE_LENGTH + 16];
  char auth_message[AUTH_MESSAGE_LENGTH];
};

enum verdict { RIGHT, WRONG, MALFORMED };

/* Whether printf's result fits into `room`. */
static int fits(int length, size_t room) { return length >= 0 && (size_t)length < room; }

/* Reads `n,,n=...,r=...` and writes the answer `r=...,s=...,i=...`. RIGHT or MALFORMED. */
static enum verdict take_client_first(const struct verifier *verifier, const char *text,
                                      struct exchange *exchange, char answer[SERVER_FIRST_LENGTH]) {
  /* `y`: the client could have bound the channel, and saw that it was not offered, which is true. */
  if ((text[0] != 'n' && text[0] != 'y') || strncmp(text + 1, ",,n=", 4) != 0) return MALFORMED;
  const char *bare = text + 3, *nonce = strchr(bare, ',');
  if (nonce == NULL || strncmp(nonce, ",r=", 3) != 0) return MALFORMED;
  nonce += 3;
  if (*nonce == '\0' || strchr(nonce, ',') != NULL) return MALFORMED;
  unsigned char random[NONCE_BYTES];
  char own[BASE64_LENGTH(NONCE_BYTES) + 1], whole[NONCE_LENGTH];
  if (getrandom(random, sizeof random, 0) != sizeof random) abort();
  encode_base64(random, sizeof random, own);
  if (!fits(snprintf(whole, sizeof whole, "%s%s", nonce, own), sizeof whole)) return MALFORMED;
  int length = snprintf(answer, SERVER_FIRST_LENGTH, "r=%s,s=%s,i=%s", whole, verifier->salt,
                        verifier->iterations);
  if (!fits(length, SERVER_FIRST_LENGTH)) return MALFORMED;
  /* The GS2 header in base64: no channel binding. */
  snprintf(exchange->expected, sizeof exchange->expected, "c=%s,r=%s", text[0] == 'n' ? "biws" : "eSws",
           whole);
  length = snprintf(exchange->auth_message, sizeof exchange->auth_message, "%s,%s,%s", bare, answer,
                    exchange->expected);
  return fits(length, sizeof exchange->auth_message) ? RIGHT : MALFORMED;
}

/* Checks `c=...,r=...,p=...`; where it is RIGHT, writes the answer `v=...`. */
static enum verdict take_client_final(const struct verifier *verifier, const char *text,
                                      const struct exchange *exchange,
                                      char answer[2 + BASE64_LENGTH(HASH_BYTES) + 1]) {
  size_t length = strlen(exchange->expected);
  unsigned char proof[HASH_BYTES], signature[HASH_BYTES], hashed[HASH_BYTES];
  if (strncmp(text, exchange->expected, length) != 0) return MALFORMED;
  if (strncmp(text + length, ",p=", 3) != 0) return MALFORMED;
  if (!decode_base64(text + length + 3, proof, sizeof proof)) return MALFORMED;
  authenticate(verifier->stored_key, exchange->auth_message, signature);
  for (int i = 0; i < HASH_BYTES; i++) proof[i] ^= signature[i];
  struct sha256 hash = begin_hash();
  hash_more(&hash, proof, sizeof proof);
  end_hash(&hash, hashed);
  if (memcmp(hashed, verifier->stored_key, HASH_BYTES) != 0) return WRONG;
  authenticate(verifier->server_key, exchange->auth_message, signature);
  memcpy(answer, "v=", 2);
  encode_base64(signature, HASH_BYTES, answer + 2);
  return RIGHT;
}

#endif
