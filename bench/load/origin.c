// Origin: a back end that costs next to nothing. Answers every request with as many bytes as it
// asks for.
//
// One thread, one epoll loop, keep-alive. Of a request it reads ?bytes=N (else BODY_BYTES),
// Content-Length (the body is read and forgotten) and Connection: close, nothing else; every answer
// is a prepared head and body, sent in one piece when the socket takes it.
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

enum { kEventsMax = 256, kHeadBytesMax = 16 * 1024, kBodyBytesMax = 1024 * 1024, kAnswersMax = 16 };

// Head and body of one response; made when it is first asked for.
struct answer {
  size_t body_bytes;
  size_t bytes;
  char* text;
};

struct client {
  int fd;
  bool is_last;                 // The client wants the connection closed behind the answer.
  const struct answer* answer;  // Owed; NULL while no head is complete.
  size_t answer_sent;
  uint64_t body_left;  // Of the request being read.
  size_t head_bytes;   // In `head`: what was read and is not taken yet.
  char head[kHeadBytesMax];
};

static int loop;
static size_t usual_bytes;
static struct answer answers[kAnswersMax];

static void die(const char* what) {
  perror(what);
  exit(1);
}

static void make_answer(struct answer* answer, size_t body_bytes) {
  char head[256];
  const int head_bytes =
      snprintf(head, sizeof(head),
               "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               body_bytes);
  answer->body_bytes = body_bytes;
  answer->bytes = (size_t)head_bytes + body_bytes;
  answer->text = malloc(answer->bytes);
  if (answer->text == NULL) die("malloc");
  memcpy(answer->text, head, (size_t)head_bytes);
  memset(answer->text + head_bytes, 'x', body_bytes);
}

// The answer of a size. A run uses a few sizes; beyond kAnswersMax of them it is the last one made.
static const struct answer* find_answer(size_t body_bytes) {
  if (body_bytes > kBodyBytesMax) body_bytes = kBodyBytesMax;
  for (size_t i = 0; i < kAnswersMax; ++i) {
    if (answers[i].text == NULL) make_answer(&answers[i], body_bytes);
    if (answers[i].body_bytes == body_bytes) return &answers[i];
  }
  return &answers[kAnswersMax - 1];
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
  client->is_last = false;
  client->answer = NULL;
  client->body_left = 0;
  client->head_bytes = 0;
  want(client, EPOLLIN, EPOLL_CTL_ADD);
}

static bool begins(const char* line, const char* name) {
  return strncasecmp(line, name, strlen(name)) == 0;
}

// Reads what matters out of a complete head, which ends behind its empty line.
static void read_head(struct client* client, const char* end) {
  const char* line = client->head;
  const char* line_end = memchr(line, '\n', (size_t)(end - line));
  const char* bytes = memmem(line, (size_t)(line_end - line), "?bytes=", 7);
  client->answer = find_answer(bytes == NULL ? usual_bytes : strtoull(bytes + 7, NULL, 10));
  client->answer_sent = 0;
  client->body_left = 0;
  for (line = line_end + 1; line < end; line = line_end + 1) {
    line_end = memchr(line, '\n', (size_t)(end - line));
    if (begins(line, "content-length:")) client->body_left = strtoull(line + 15, NULL, 10);
    if (begins(line, "connection: close")) client->is_last = true;
  }
}

// Takes a request out of client->head when its head is complete and nothing is owed.
static void take_request(struct client* client) {
  const char* end = memmem(client->head, client->head_bytes, "\r\n\r\n", 4);
  if (end == NULL || client->answer != NULL) return;
  end += 4;
  read_head(client, end);
  const size_t behind = client->head_bytes - (size_t)(end - client->head);
  const size_t body_here = client->body_left < behind ? (size_t)client->body_left : behind;
  client->body_left -= body_here;
  client->head_bytes = behind - body_here;
  memmove(client->head, end + body_here, client->head_bytes);
}

// Sends what is owed and takes the next request, if one was sent ahead. False: the connection is
// over.
static bool answer_client(struct client* client) {
  while (client->answer != NULL && client->body_left == 0) {
    const struct answer* answer = client->answer;
    const ssize_t sent = send(client->fd, answer->text + client->answer_sent,
                              answer->bytes - client->answer_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      want(client, EPOLLOUT, EPOLL_CTL_MOD);
      return true;
    }
    if (sent <= 0) return false;
    client->answer_sent += (size_t)sent;
    if (client->answer_sent < answer->bytes) continue;
    if (client->is_last) return false;
    client->answer = NULL;
    take_request(client);
  }
  return true;
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
      take_request(client);
    }
  }
  const bool gone = got == 0 || (got < 0 && errno != EAGAIN);
  if (gone || client->head_bytes == kHeadBytesMax || !answer_client(client)) drop(client);
}

static void write_client(struct client* client) {
  if (!answer_client(client)) {
    drop(client);
  } else if (client->answer == NULL || client->body_left > 0) {
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
  usual_bytes = strtoull(arguments[2], NULL, 10);
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
