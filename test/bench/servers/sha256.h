/* SHA-256 (FIPS 180-4) and HMAC over it (RFC 2104): no crypto library's headers are needed. */

#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HASH_BYTES = 32, BLOCK_BYTES = 64, ROUNDS = 64, LENGTH_BYTES = 8 };

struct sha256 {
  uint32_t state[8];
  unsigned char block[BLOCK_BYTES];
  uint64_t bytes;
};

static const uint32_t ROUND_CONSTANTS[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate_right(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static void schedule_words(const unsigned char *block, uint32_t words[ROUNDS]) {
  for (int i = 0; i < 16; i++, block += 4) {
    words[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
  }
  for (int i = 16; i < ROUNDS; i++) {
    uint32_t early = words[i - 15], late = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] +
               (rotate_right(early, 7) ^ rotate_right(early, 18) ^ early >> 3) +
               (rotate_right(late, 17) ^ rotate_right(late, 19) ^ late >> 10);
  }
}

static void hash_block(uint32_t state[8], const unsigned char *block) {
  uint32_t words[ROUNDS];
  schedule_words(block, words);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t sum_e = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
    uint32_t sum_a = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
    uint32_t first = h + sum_e + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i] + words[i];
    uint32_t second = sum_a + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first;
    d = c, c = b, b = a, a = first + second;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static struct sha256 begin_hash(void) {
  return (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                   0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

static void hash_more(struct sha256 *hash, const void *data, size_t count) {
  const unsigned char *bytes = data;
  while (count > 0) {
    size_t held = hash->bytes % BLOCK_BYTES;
    size_t taken = count < BLOCK_BYTES - held ? count : BLOCK_BYTES - held;
    memcpy(hash->block + held, bytes, taken);
    hash->bytes += taken;
    bytes += taken;
    count -= taken;
    if (held + taken == BLOCK_BYTES) hash_block(hash->state, hash->block);
  }
}

static void end_hash(struct sha256 *hash, unsigned char result[HASH_BYTES]) {
  static const unsigned char PADDING[BLOCK_BYTES] = {0x80};
  unsigned char length[LENGTH_BYTES];
  for (int i = 0; i < LENGTH_BYTES; i++) length[i] = (unsigned char)(hash->bytes * 8 >> (56 - 8 * i));
  size_t held = hash->bytes % BLOCK_BYTES, room = BLOCK_BYTES - LENGTH_BYTES;
  hash_more(hash, PADDING, held < room ? room - held : room + BLOCK_BYTES - held);
  hash_more(hash, length, sizeof length);
  for (int i = 0; i < HASH_BYTES; i++) {
    result[i] = (unsigned char)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
  }
}

static void hash_padded_key(struct sha256 *hash, const unsigned char key[HASH_BYTES], int pad) {
  unsigned char padded[BLOCK_BYTES];
  for (int i = 0; i < BLOCK_BYTES; i++) padded[i] = (unsigned char)((i < HASH_BYTES ? key[i] : 0) ^ pad);
  hash_more(hash, padded, sizeof padded);
}

/* HMAC with a key that is itself a hash. */
static void authenticate(const unsigned char key[HASH_BYTES], const char *text,
                         unsigned char result[HASH_BYTES]) {
  struct sha256 inner = begin_hash(), outer = begin_hash();
  hash_padded_key(&inner, key, 0x36);
  hash_more(&inner, text, strlen(text));
  end_hash(&inner, result);
  hash_padded_key(&outer, key, 0x5c);
  hash_more(&outer, result, HASH_BYTES);
  end_hash(&outer, result);
}

#endif
