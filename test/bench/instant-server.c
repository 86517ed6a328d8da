/*
 * The same as instant-server.js for machines with a C compiler: cheap enough never to be what limits a client.
 * Arguments: the greeting and the answer to a query, in hex. Prints its port; ends when its standard
 * input does.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 256, SSL_REQUEST = 80877103 };

struct answer {
  char *bytes;
  size_t length;
};

static struct answer greeting, one_row;

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

static void watch(int poll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void accept_all(int poll, int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(poll, fd);
  }
}

/* Whether the connection goes on; a failed write shows at the next read. */
static int answer(int fd) {
  char bytes[8192];
  unsigned int code;
  ssize_t count = read(fd, bytes, sizeof bytes), written;
  if (count <= 0 || bytes[0] == 'X') return 0;
  memcpy(&code, bytes + 4, sizeof code);
  if (bytes[0] == 'Q') written = write(fd, one_row.bytes, one_row.length);
  else if (count == 8 && ntohl(code) == SSL_REQUEST) written = write(fd, "N", 1);
  else written = write(fd, greeting.bytes, greeting.length);
  return written > 0;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  greeting = parse_hex(argv[1]);
  one_row = parse_hex(argv[2]);
  int listener = start_listening();
  int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) fail("epoll_create1");
  watch(poll, listener);
  watch(poll, STDIN_FILENO);
  for (;;) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) return 0;
      if (fd == listener) accept_all(poll, listener);
      else if (!answer(fd)) close(fd);
    }
  }
}
