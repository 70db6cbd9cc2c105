// Origin: a back end that costs next to nothing. Answers every request with the same bytes.
//
// One thread, one epoll loop, keep-alive, pipelining. It looks for the end of
// each head and for Content-Length (bodies are read and forgotten), nothing
// else; every answer is one send of a prepared head and body.
//
// Usage: origin LISTEN_PORT BODY_BYTES     (127.0.0.1; port 0 takes a free one)

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
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kEventsMax = 256, kHeadBytesMax = 16 * 1024 };

struct client {
  int fd;
  uint64_t body_left;    // Of the request being read.
  uint64_t answer_left;  // Bytes of answers not sent yet.
  size_t head_bytes;     // In `head`: the start of a head that is not complete.
  char head[kHeadBytesMax];
};

static int loop;
static char* answer;  // Head and body of one response.
static size_t answer_bytes;

static void die(const char* what) {
  perror(what);
  exit(1);
}

static void make_answer(size_t body_bytes) {
  char head[256];
  const int head_bytes =
      snprintf(head, sizeof(head),
               "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               body_bytes);
  answer_bytes = (size_t)head_bytes + body_bytes;
  answer = malloc(answer_bytes);
  if (answer == NULL) die("malloc");
  memcpy(answer, head, (size_t)head_bytes);
  memset(answer + head_bytes, 'x', body_bytes);
}

static void want(struct client* client, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data = {.ptr = client}};
  if (epoll_ctl(loop, operation, client->fd, &event) != 0) die("epoll_ctl");
}

static void drop(struct client* client) {
  close(client->fd);
  free(client);
}

static void accept_client(int listener) {
  const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  struct client* client = malloc(sizeof(*client));
  if (client == NULL) die("malloc");
  client->fd = fd;
  client->body_left = client->answer_left = 0;
  client->head_bytes = 0;
  want(client, EPOLLIN, EPOLL_CTL_ADD);
}

// The value of Content-Length in a complete head; 0 when there is none.
static uint64_t content_length(const char* head, size_t bytes) {
  static const char name[] = "\ncontent-length:";
  for (size_t i = 0; i + sizeof(name) < bytes; ++i) {
    if (head[i] == '\n' && strncasecmp(head + i, name, sizeof(name) - 1) == 0) {
      return strtoull(head + i + sizeof(name) - 1, NULL, 10);
    }
  }
  return 0;
}

// Sends what is owed. False: the client is gone.
static bool send_owed(struct client* client) {
  while (client->answer_left > 0) {
    const size_t in_answer = (size_t)((client->answer_left - 1) % answer_bytes) + 1;
    const ssize_t sent =
        send(client->fd, answer + answer_bytes - in_answer, in_answer, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      want(client, EPOLLOUT, EPOLL_CTL_MOD);
      return true;
    }
    if (sent <= 0) return false;
    client->answer_left -= (uint64_t)sent;
  }
  return true;
}

// Takes requests out of client->head; each one owes an answer when its body has been read.
static void take_requests(struct client* client) {
  for (;;) {
    const char* end = memmem(client->head, client->head_bytes, "\r\n\r\n", 4);
    if (end == NULL) return;
    const size_t head_bytes = (size_t)(end - client->head) + 4;
    const uint64_t body = content_length(client->head, head_bytes);
    const size_t behind = client->head_bytes - head_bytes;
    const size_t body_here = body < behind ? (size_t)body : behind;
    memmove(client->head, client->head + head_bytes + body_here, behind - body_here);
    client->head_bytes = behind - body_here;
    client->body_left = body - body_here;
    client->answer_left += answer_bytes;
    if (client->body_left > 0) return;
  }
}

static void read_client(struct client* client) {
  static char body[256 * 1024];
  ssize_t got = 0;
  if (client->body_left > 0) {
    const size_t room = client->body_left < sizeof(body) ? (size_t)client->body_left : sizeof(body);
    got = recv(client->fd, body, room, MSG_DONTWAIT);
    if (got > 0) client->body_left -= (uint64_t)got;
  } else {
    got = recv(client->fd, client->head + client->head_bytes, kHeadBytesMax - client->head_bytes,
               MSG_DONTWAIT);
    if (got > 0) {
      client->head_bytes += (size_t)got;
      take_requests(client);
    }
  }
  const bool gone = got == 0 || (got < 0 && errno != EAGAIN);
  if (gone || client->head_bytes == kHeadBytesMax) {
    drop(client);
  } else if (client->body_left == 0 && !send_owed(client)) {
    drop(client);
  }
}

static void write_client(struct client* client) {
  if (!send_owed(client)) {
    drop(client);
  } else if (client->answer_left == 0) {
    want(client, EPOLLIN, EPOLL_CTL_MOD);
  }
}

static int listen_on(uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof(address);
  if (bind(listener, (struct sockaddr*)&address, bytes) != 0) die("bind");
  if (listen(listener, 1024) != 0) die("listen");
  getsockname(listener, (struct sockaddr*)&address, &bytes);
  printf("origin: listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int count, char** arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: origin LISTEN_PORT BODY_BYTES\n");
    return 2;
  }
  make_answer(strtoull(arguments[2], NULL, 10));
  loop = epoll_create1(EPOLL_CLOEXEC);
  const int listener = listen_on((uint16_t)strtoul(arguments[1], NULL, 10));
  struct epoll_event listening = {.events = EPOLLIN, .data = {.ptr = NULL}};
  if (epoll_ctl(loop, EPOLL_CTL_ADD, listener, &listening) != 0) die("epoll_ctl");
  for (;;) {
    struct epoll_event events[kEventsMax];
    const int ready = epoll_wait(loop, events, kEventsMax, -1);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      struct client* client = events[i].data.ptr;
      if (client == NULL) {
        accept_client(listener);
      } else if (events[i].events & EPOLLOUT) {
        write_client(client);
      } else {
        read_client(client);
      }
    }
  }
}
