/*
 * The same as instant-server.js for machines with a C compiler: cheap enough never to be what limits a client. Arguments,
 * messages in hex: the greeting and the answer to a query; for logins by SCRAM also what asks for it, what is said to a
 * wrong password and to a malformed message, the salt in base64, the iterations, and in hex StoredKey and ServerKey.
 * Prints its port; ends when its standard input does.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "scram.h"

enum { BACKLOG = 4096, EVENTS = 256, SSL_REQUEST = 80877103, GSSENC_REQUEST = 80877104 };
enum { TRUST_ARGUMENTS = 3, SCRAM_ARGUMENTS = 10 };
/* Longer messages than any client here sends; whoever sends one is cut off. */
enum { MESSAGE_BYTES = 1024, LENGTH_FIELD = 4, SASL_CONTINUE = 11, SASL_FINAL = 12 };

static const char MECHANISM[] = "SCRAM-SHA-256";

struct answer {
  char *bytes;
  size_t length;
};

static struct answer greeting, one_row, sasl, wrong_password, malformed;
static struct verifier verifier;
static int asks_for_scram;

/* What is waited for: the StartupMessage, SCRAM's two answers, queries. */
enum stage { STARTUP, CLIENT_FIRST, CLIENT_FINAL, READY };

struct connection {
  int fd;
  enum stage stage;
  /* Of a message, as far as it has come. */
  size_t held;
  char bytes[MESSAGE_BYTES];
  struct exchange exchange;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct answer parse_hex(const char *hex) {
  struct answer parsed = {malloc(strlen(hex) / 2 + 1), strlen(hex) / 2};
  if (parsed.bytes == NULL) fail("malloc");
  for (size_t i = 0; i < parsed.length; i++) {
    unsigned int byte = 0;
    sscanf(hex + 2 * i, "%2x", &byte);
    parsed.bytes[i] = (char)byte;
  }
  return parsed;
}

static void parse_key(const char *hex, unsigned char key[HASH_BYTES]) {
  struct answer parsed = parse_hex(hex);
  if (parsed.length != HASH_BYTES) exit(2);
  memcpy(key, parsed.bytes, HASH_BYTES);
  free(parsed.bytes);
}

static void parse_scram(char **arguments) {
  asks_for_scram = 1;
  sasl = parse_hex(arguments[0]);
  wrong_password = parse_hex(arguments[1]);
  malformed = parse_hex(arguments[2]);
  verifier.salt = arguments[3];
  verifier.iterations = arguments[4];
  parse_key(arguments[5], verifier.stored_key);
  parse_key(arguments[6], verifier.server_key);
}

static int start_listening(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, size) < 0) fail("bind");
  if (listen(listener, BACKLOG) < 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &size) < 0) fail("getsockname");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void watch(int poll, struct connection *connection) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, connection->fd, &event) < 0) fail("epoll_ctl");
}

static void accept_all(int poll, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = malloc(sizeof *connection);
    if (connection == NULL) fail("malloc");
    connection->fd = fd;
    connection->stage = STARTUP;
    connection->held = 0;
    watch(poll, connection);
  }
}

/* The functions that answer say whether the connection goes on; a failed write shows at the next read. */
static int send_answer(const struct connection *connection, struct answer answer) {
  return write(connection->fd, answer.bytes, answer.length) > 0;
}

static int refuse(const struct connection *connection, struct answer answer) {
  send_answer(connection, answer);
  return 0;
}

static uint32_t read_int32(const char *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return ntohl(value);
}

/* Returns its length. */
static size_t write_authentication(char *bytes, uint32_t kind, const char *text) {
  uint32_t length = htonl((uint32_t)(sizeof length + sizeof kind + strlen(text)));
  kind = htonl(kind);
  bytes[0] = 'R';
  memcpy(bytes + 1, &length, sizeof length);
  memcpy(bytes + 1 + sizeof length, &kind, sizeof kind);
  memcpy(bytes + 1 + sizeof length + sizeof kind, text, strlen(text));
  return 1 + sizeof length + sizeof kind + strlen(text);
}

static int answer_startup(struct connection *connection, const char *body, size_t length) {
  uint32_t code = length < sizeof code ? 0 : read_int32(body);
  if (code == SSL_REQUEST || code == GSSENC_REQUEST) return write(connection->fd, "N", 1) > 0;
  if (code >> 16 != 3) return 0;
  connection->stage = asks_for_scram ? CLIENT_FIRST : READY;
  return send_answer(connection, asks_for_scram ? sasl : greeting);
}

/* SASLInitialResponse: the mechanism, a length, the client's first message. */
static int answer_client_first(struct connection *connection, const char *body, size_t length) {
  size_t head = sizeof MECHANISM + LENGTH_FIELD;
  char text[MESSAGE_BYTES], server_first[SERVER_FIRST_LENGTH], bytes[MESSAGE_BYTES];
  if (length < head || memcmp(body, MECHANISM, sizeof MECHANISM) != 0 ||
      read_int32(body + sizeof MECHANISM) != length - head) {
    return refuse(connection, malformed);
  }
  snprintf(text, sizeof text, "%.*s", (int)(length - head), body + head);
  if (strlen(text) != length - head ||
      take_client_first(&verifier, text, &connection->exchange, server_first) != RIGHT) {
    return refuse(connection, malformed);
  }
  connection->stage = CLIENT_FINAL;
  return send_answer(connection, (struct answer){
      bytes, write_authentication(bytes, SASL_CONTINUE, server_first)});
}

/* The server's signature goes out together with the greeting, as Postgres does it. */
static int answer_client_final(struct connection *connection, const char *body, size_t length) {
  char text[MESSAGE_BYTES], signature[MESSAGE_BYTES], bytes[MESSAGE_BYTES];
  snprintf(text, sizeof text, "%.*s", (int)length, body);
  enum verdict verdict =
      strlen(text) == length
          ? take_client_final(&verifier, text, &connection->exchange, signature)
          : MALFORMED;
  if (verdict != RIGHT) return refuse(connection, verdict == WRONG ? wrong_password : malformed);
  size_t signed_bytes = write_authentication(bytes, SASL_FINAL, signature);
  if (signed_bytes + greeting.length > sizeof bytes) return 0;
  memcpy(bytes + signed_bytes, greeting.bytes, greeting.length);
  connection->stage = READY;
  return send_answer(connection, (struct answer){bytes, signed_bytes + greeting.length});
}

/* A whole message; `type` is 0 for those that have none. */
static int answer(struct connection *connection, char type, const char *body, size_t length) {
  if (connection->stage == STARTUP) return answer_startup(connection, body, length);
  if (type == 'X') return 0;
  if (connection->stage == READY) return type == 'Q' && send_answer(connection, one_row);
  if (type != 'p') return refuse(connection, malformed);
  return connection->stage == CLIENT_FIRST ? answer_client_first(connection, body, length)
                                           : answer_client_final(connection, body, length);
}

/* Answers what has come as a whole, and keeps the rest. */
static int answer_all(struct connection *connection) {
  size_t at = 0;
  for (;;) {
    size_t type = connection->stage == STARTUP ? 0 : 1, head = type + LENGTH_FIELD;
    if (connection->held - at < head) break;
    const char *message = connection->bytes + at;
    size_t length = read_int32(message + type);
    if (length < LENGTH_FIELD || type + length > MESSAGE_BYTES) return 0;
    if (connection->held - at < type + length) break;
    at += type + length;
    if (!answer(connection, type ? *message : 0, message + head, length - LENGTH_FIELD)) return 0;
  }
  connection->held -= at;
  memmove(connection->bytes, connection->bytes + at, connection->held);
  return 1;
}

static int take_bytes(struct connection *connection) {
  ssize_t count = read(connection->fd, connection->bytes + connection->held,
                       sizeof connection->bytes - connection->held);
  if (count < 0 && errno == EAGAIN) return 1;
  if (count <= 0) return 0;
  connection->held += (size_t)count;
  return answer_all(connection);
}

int main(int argc, char **argv) {
  if (argc != TRUST_ARGUMENTS && argc != SCRAM_ARGUMENTS) return 2;
  greeting = parse_hex(argv[1]);
  one_row = parse_hex(argv[2]);
  if (argc == SCRAM_ARGUMENTS) parse_scram(argv + TRUST_ARGUMENTS);
  struct connection listener = {.fd = start_listening()}, input = {.fd = STDIN_FILENO};
  int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) fail("epoll_create1");
  watch(poll, &listener);
  watch(poll, &input);
  for (;;) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      if (connection == &input) return 0;
      if (connection == &listener) {
        accept_all(poll, listener.fd);
      } else if (!take_bytes(connection)) {
        close(connection->fd);
        free(connection);
      }
    }
  }
}
