/*
 * What connecting costs at the least: the plainest epoll client, so that there is something to hold Node's cost
 * against. Opens COUNT connections to 127.0.0.1:PORT at RATE a second, each when it is due however many are under way,
 * as connstorm does: connect, StartupMessage, all up to ReadyForQuery, Terminate, close. Prints how many were ready and
 * how many failed.
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
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, MAX_OPEN = 4096, HEADER = 5, READ_BYTES = 65536 };

/* The header of the message that is being read, as far as it has come, and what is left of its payload. */
struct connection {
  int fd;
  int is_started;
  unsigned char header[HEADER];
  size_t header_bytes;
  size_t left;
};

static const char STARTUP[] = "\0\0\0\x36\0\3\0\0user\0storm\0database\0storm\0application_name\0c\0";
static const char TERMINATE[] = {'X', 0, 0, 0, 4};

static struct sockaddr_in server;
static int poll_fd;
static long ready, failed, open_now;
static struct connection *spare[MAX_OPEN];
static int spares;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void end(struct connection *connection, long *count) {
  (*count)++;
  open_now--;
  close(connection->fd);
  spare[spares++] = connection;
}

static void start(void) {
  struct connection *connection = spares > 0 ? spare[--spares] : malloc(sizeof *connection);
  if (connection == NULL) fail("malloc");
  int on = 1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  *connection = (struct connection){.fd = fd};
  open_now++;
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) fail("setsockopt");
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
    end(connection, &failed);
    return;
  }
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

/* connect() has returned. */
static void begin_login(struct connection *connection) {
  int error = 0;
  socklen_t size = sizeof error;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) fail("getsockopt");
  if (error != 0 || write(connection->fd, STARTUP, sizeof STARTUP) != sizeof STARTUP) {
    end(connection, &failed);
    return;
  }
  connection->is_started = 1;
  if (epoll_ctl(poll_fd, EPOLL_CTL_MOD, connection->fd, &event) < 0) fail("epoll_ctl");
}

/* What the login has come to: `Z`, ready; `E`, an error or no message; 0, more is to come. */
static char read_messages(struct connection *connection, const unsigned char *bytes, size_t count) {
  for (size_t at = 0; at < count;) {
    if (connection->header_bytes < HEADER) {
      connection->header[connection->header_bytes++] = bytes[at++];
      if (connection->header_bytes < HEADER) continue;
      uint32_t length;
      memcpy(&length, connection->header + 1, sizeof length);
      length = ntohl(length);
      if (length < 4) return 'E';
      connection->left = length - 4;
    }
    size_t here = count - at < connection->left ? count - at : connection->left;
    at += here;
    connection->left -= here;
    if (connection->left > 0) return 0;
    connection->header_bytes = 0;
    char type = (char)connection->header[0];
    if (type == 'Z' || type == 'E') return type;
  }
  return 0;
}

static void take_answer(struct connection *connection) {
  static unsigned char bytes[READ_BYTES];
  ssize_t count = read(connection->fd, bytes, sizeof bytes);
  if (count < 0 && errno == EAGAIN) return;
  char type = count <= 0 ? 'E' : read_messages(connection, bytes, (size_t)count);
  if (type == 0) return;
  int is_ready = type == 'Z' && write(connection->fd, TERMINATE, sizeof TERMINATE) == sizeof TERMINATE;
  end(connection, is_ready ? &ready : &failed);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  long count = atol(argv[3]), started = 0;
  double every_ns = 1e9 / atof(argv[2]);
  server = (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (poll_fd < 0) fail("epoll_create1");
  int64_t since = now_ns();
  while (ready + failed < count) {
    while (started < count && open_now < MAX_OPEN && since + started * every_ns <= now_ns()) {
      started++;
      start();
    }
    struct epoll_event events[EVENTS];
    /* To the millisecond, as Node's timers are. */
    int arrived = epoll_wait(poll_fd, events, EVENTS, started < count ? 1 : -1);
    if (arrived < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < arrived; i++) {
      struct connection *connection = events[i].data.ptr;
      if (connection->is_started) take_answer(connection);
      else begin_login(connection);
    }
  }
  printf("ready %ld failed %ld\n", ready, failed);
  return 0;
}
