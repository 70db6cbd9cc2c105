// Relay: the floor every proxy is measured against. Moves bytes and looks at none of them.
//
// One thread, one epoll loop, one connection to the origin for each client.
// What does not fit into a peer's socket is kept, and its source is not read
// until it is gone.
//
// Usage: relay LISTEN_PORT ORIGIN_PORT     (127.0.0.1; port 0 takes a free one)

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kEventsMax = 256, kChunkBytes = 64 * 1024 };

struct side {
  int fd;
  struct side* peer;
  struct pair* pair;
  char* kept;  // What did not fit into this side's socket.
  size_t kept_bytes;
  size_t kept_sent;
};

struct pair {
  struct side client;
  struct side origin;
  bool closed;
  struct pair* next_closed;
};

static int loop;
static uint16_t origin_port;
static struct pair* closed_pairs;  // Freed when the turn's events are done.
static char chunk[kChunkBytes];

static void die(const char* what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in local(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void want(struct side* side, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data = {.ptr = side}};
  if (epoll_ctl(loop, operation, side->fd, &event) != 0) die("epoll_ctl");
}

static void close_pair(struct pair* pair) {
  if (pair->closed) return;
  pair->closed = true;
  close(pair->client.fd);
  close(pair->origin.fd);
  pair->next_closed = closed_pairs;
  closed_pairs = pair;
}

static void free_closed(void) {
  while (closed_pairs != NULL) {
    struct pair* next = closed_pairs->next_closed;
    free(closed_pairs->client.kept);
    free(closed_pairs->origin.kept);
    free(closed_pairs);
    closed_pairs = next;
  }
}

static void accept_client(int listener) {
  int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client < 0) return;
  int origin = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const struct sockaddr_in address = local(origin_port);
  if (origin < 0 || connect(origin, (const struct sockaddr*)&address, sizeof(address)) != 0) {
    die("connect to the origin");
  }
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(origin, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  struct pair* pair = calloc(1, sizeof(*pair));
  if (pair == NULL) die("calloc");
  pair->client = (struct side){.fd = client, .peer = &pair->origin, .pair = pair};
  pair->origin = (struct side){.fd = origin, .peer = &pair->client, .pair = pair};
  want(&pair->client, EPOLLIN, EPOLL_CTL_ADD);
  want(&pair->origin, EPOLLIN, EPOLL_CTL_ADD);
}

// Keeps what `to` did not take and stops reading its source.
static void keep(struct side* to, const char* bytes, size_t count) {
  if (to->kept == NULL) to->kept = malloc(kChunkBytes);
  if (to->kept == NULL) die("malloc");
  memcpy(to->kept, bytes, count);
  to->kept_bytes = count;
  to->kept_sent = 0;
  want(to->peer, 0, EPOLL_CTL_MOD);
  want(to, EPOLLOUT, EPOLL_CTL_MOD);
}

static void move_bytes(struct side* from) {
  const ssize_t got = recv(from->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    close_pair(from->pair);
    return;
  }
  ssize_t sent = send(from->peer->fd, chunk, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) sent = 0;
  if (sent < 0) {
    close_pair(from->pair);
  } else if (sent < got) {
    keep(from->peer, chunk + sent, (size_t)(got - sent));
  }
}

static void send_kept(struct side* side) {
  const ssize_t sent = send(side->fd, side->kept + side->kept_sent,
                            side->kept_bytes - side->kept_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return;
  if (sent < 0) {
    close_pair(side->pair);
    return;
  }
  side->kept_sent += (size_t)sent;
  if (side->kept_sent < side->kept_bytes) return;
  side->kept_bytes = side->kept_sent = 0;
  // Both may read again, unless the other direction still waits.
  if (side->peer->kept_bytes == 0) {
    want(side, EPOLLIN, EPOLL_CTL_MOD);
    want(side->peer, EPOLLIN, EPOLL_CTL_MOD);
  } else {
    want(side, 0, EPOLL_CTL_MOD);
  }
}

static int listen_on(uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  struct sockaddr_in address = local(port);
  socklen_t bytes = sizeof(address);
  if (bind(listener, (struct sockaddr*)&address, bytes) != 0) die("bind");
  if (listen(listener, 1024) != 0) die("listen");
  getsockname(listener, (struct sockaddr*)&address, &bytes);
  printf("relay: listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int count, char** arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: relay LISTEN_PORT ORIGIN_PORT\n");
    return 2;
  }
  origin_port = (uint16_t)strtoul(arguments[2], NULL, 10);
  loop = epoll_create1(EPOLL_CLOEXEC);
  const int listener = listen_on((uint16_t)strtoul(arguments[1], NULL, 10));
  struct epoll_event listening = {.events = EPOLLIN, .data = {.ptr = NULL}};
  if (epoll_ctl(loop, EPOLL_CTL_ADD, listener, &listening) != 0) die("epoll_ctl");
  for (;;) {
    struct epoll_event events[kEventsMax];
    const int ready = epoll_wait(loop, events, kEventsMax, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      struct side* side = events[i].data.ptr;
      if (side == NULL) {
        accept_client(listener);
      } else if (side->pair->closed) {
        continue;
      } else if (side->kept_bytes > 0) {
        send_kept(side);
      } else if (side->peer->kept_bytes == 0) {
        move_bytes(side);
      } else if (events[i].events & (EPOLLERR | EPOLLHUP)) {
        close_pair(side->pair);
      }
    }
    free_closed();
  }
}
