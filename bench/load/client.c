// Client: sends prepared requests over many connections and measures how long the answers take.
//
// One thread, one epoll loop. Closed loop: a connection sends its next request when it has the
// whole answer. Open loop (--rate): requests are due at a constant rate; one that is due while
// every connection is busy waits, and its latency counts from when it was due, so that a slow
// subject cannot slow the schedule that measures it (no coordinated omission).
//
// Of an answer it reads the status, Content-Length and Connection. Anything but 200, an answer
// without length, a short one, a socket's error and 10 s without the end of an answer are errors.
//
// Prints one JSON object. `requests` and the latencies are those of the counted time, `answered`
// all good answers, those of the warm-up and of the end included: what the subject's CPU was spent
// on.
//
// Usage: client PORT REQUESTS [--connections N] [--seconds S] [--warm S] [--rate R] [--body BYTES]
//               [--query TEXT] [--close]                                (to 127.0.0.1)

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "requests.h"

enum { kEventsMax = 256, kHeadBytesMax = 4096, kErrorsMax = 1000 };
#define SECOND_NS 1000000000ULL
#define TIMEOUT_NS (10 * SECOND_NS)

struct connection {
  int fd;  // -1: not connected.
  bool busy;
  bool waits_to_write;
  bool has_head;       // Of the answer; body_left and is_last are known.
  bool is_last;        // The server closes behind this answer.
  uint64_t due_ns;     // Latency counts from here.
  uint64_t begun_ns;   // The timeout counts from here.
  uint64_t body_left;  // Of the answer.
  size_t sent;         // Of the request, head and body.
  size_t head_bytes;   // In `head`.
  const struct request* request;
  char head[kHeadBytesMax];  // The answer's, and what of its body came along.
};

static struct {
  uint16_t port;
  size_t connections;
  double seconds;
  double warm;
  double rate;  // 0: closed loop.
  struct request_style style;
} options = {.connections = 64, .seconds = 2};

static int loop;
static struct requests requests;
static size_t next_request;
static char* body;
static struct connection* connections;
static struct connection** idle;  // A ring of options.connections slots.
static size_t idle_first, idle_count;
static uint64_t next_due_ns, count_from_ns, end_ns;
static struct histogram latencies;
static uint64_t answered, errors;
static char first_error[512];

static void die(const char* what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static void rest(struct connection* connection) {
  connection->busy = false;
  idle[(idle_first + idle_count++) % options.connections] = connection;
}

static void hang_up(struct connection* connection) {
  close(connection->fd);
  connection->fd = -1;
}

__attribute__((format(printf, 2, 3))) static void fail(struct connection* connection,
                                                       const char* format, ...) {
  if (errors++ == 0) {
    const char* head = connection->request->head;
    const int line = (int)strcspn(head, "\r");
    const int bytes =
        snprintf(first_error, sizeof(first_error), "%.*s: ", line < 200 ? line : 200, head);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(first_error + bytes, sizeof(first_error) - (size_t)bytes, format, arguments);
    va_end(arguments);
  }
  if (connection->fd >= 0) hang_up(connection);
  rest(connection);
  // More of the same says nothing more, and a refusal costs no time at all.
  if (errors == kErrorsMax) end_ns = 0;
}

static void want(struct connection* connection, int operation) {
  const uint32_t events = EPOLLIN | (connection->waits_to_write ? (uint32_t)EPOLLOUT : 0);
  struct epoll_event event = {.events = events, .data = {.ptr = connection}};
  if (epoll_ctl(loop, operation, connection->fd, &event) != 0) die("epoll_ctl");
}

// Does not wait for the connection: the first send finds out. False: it failed at once.
static bool open_connection(struct connection* connection) {
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection->fd < 0) return false;
  const int on = 1;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failed = connect(connection->fd, (struct sockaddr*)&address, sizeof(address));
  if (failed != 0 && errno != EINPROGRESS) return false;
  connection->waits_to_write = false;
  want(connection, EPOLL_CTL_ADD);
  return true;
}

static size_t request_bytes(const struct connection* connection) {
  return connection->request->head_bytes + options.style.body_bytes;
}

static void wait_to_write(struct connection* connection, bool waits) {
  if (connection->waits_to_write == waits) return;
  connection->waits_to_write = waits;
  want(connection, EPOLL_CTL_MOD);
}

static void send_request(struct connection* connection) {
  while (connection->sent < request_bytes(connection)) {
    const struct request* request = connection->request;
    const bool in_head = connection->sent < request->head_bytes;
    const size_t head_left = in_head ? request->head_bytes - connection->sent : 0;
    const size_t body_left = request_bytes(connection) - connection->sent - head_left;
    struct iovec parts[2] = {
        {.iov_base = request->head + (request->head_bytes - head_left), .iov_len = head_left},
        {.iov_base = body, .iov_len = body_left}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = body_left > 0 ? 2 : 1};
    const ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      wait_to_write(connection, true);
      return;
    }
    if (sent < 0) {
      fail(connection, "sending it: %s", strerror(errno));
      return;
    }
    connection->sent += (size_t)sent;
  }
  wait_to_write(connection, false);
}

static void begin(struct connection* connection, uint64_t due_ns, uint64_t at_ns) {
  connection->request = &requests.all[next_request];
  next_request = next_request + 1 == requests.count ? 0 : next_request + 1;
  connection->busy = true;
  connection->has_head = false;
  connection->sent = connection->head_bytes = 0;
  connection->due_ns = due_ns;
  connection->begun_ns = at_ns;
  if (connection->fd < 0 && !open_connection(connection)) {
    fail(connection, "connecting: %s", strerror(errno));
    return;
  }
  send_request(connection);
}

// Gives idle connections what is due. Each at most once: one that fails at once is idle again.
static void begin_due(void) {
  for (size_t left = idle_count; left > 0; --left) {
    const uint64_t at_ns = now_ns();
    const uint64_t due_ns = options.rate > 0 ? next_due_ns : at_ns;
    if (due_ns > at_ns || at_ns >= end_ns) return;
    if (options.rate > 0) next_due_ns += (uint64_t)((double)SECOND_NS / options.rate);
    struct connection* connection = idle[idle_first];
    idle_first = (idle_first + 1) % options.connections;
    --idle_count;
    begin(connection, due_ns, at_ns);
  }
}

// The value of a field in a complete head, or NULL. `name` is "\nname:".
static const char* field(const char* head, const char* name) {
  const char* found = strcasestr(head, name);
  if (found == NULL) return NULL;
  found += strlen(name);
  return found + strspn(found, " ");
}

// Reads what it must know out of a complete head. False: it failed.
static bool take_head(struct connection* connection, char* end) {
  char* head = connection->head;
  *end = '\0';
  if (strncmp(head, "HTTP/1.1 200", 12) != 0) {
    fail(connection, "answered with %.*s", (int)strcspn(head, "\r"), head);
    return false;
  }
  const char* length = field(head, "\ncontent-length:");
  if (length == NULL) {
    fail(connection, "the answer has no Content-Length");
    return false;
  }
  const char* closes = field(head, "\nconnection:");
  connection->is_last = closes != NULL && strncasecmp(closes, "close", 5) == 0;
  connection->has_head = true;
  connection->body_left = strtoull(length, NULL, 10);
  const size_t here = connection->head_bytes - ((size_t)(end - head) + 4);
  if (here > connection->body_left) {
    fail(connection, "the answer is longer than its Content-Length");
    return false;
  }
  connection->body_left -= here;
  return true;
}

static void finish(struct connection* connection) {
  if (connection->sent < request_bytes(connection)) {
    fail(connection, "answered before all of it was sent");
    return;
  }
  const uint64_t at_ns = now_ns();
  ++answered;
  const uint64_t counts_ns = options.rate > 0 ? connection->due_ns : at_ns;
  if (counts_ns >= count_from_ns && counts_ns < end_ns) {
    histogram_add(&latencies, at_ns - connection->due_ns);
  }
  if (connection->is_last || options.style.close) hang_up(connection);
  rest(connection);
}

// Bytes of the answer's head; more than one read when it comes in pieces.
static ssize_t read_head(struct connection* connection) {
  const size_t room = kHeadBytesMax - 1 - connection->head_bytes;
  return recv(connection->fd, connection->head + connection->head_bytes, room, 0);
}

// MSG_TRUNC forgets the body without copying it: nobody looks at it.
static ssize_t read_body(struct connection* connection) {
  return recv(connection->fd, NULL, (size_t)connection->body_left, MSG_TRUNC);
}

static void read_answer(struct connection* connection) {
  const ssize_t got = connection->has_head ? read_body(connection) : read_head(connection);
  if (got < 0 && errno == EAGAIN) return;
  if (got < 0) {
    fail(connection, "reading the answer: %s", strerror(errno));
    return;
  }
  if (got == 0) {
    fail(connection, "the connection was closed %s the answer",
         connection->has_head ? "within" : "before");
    return;
  }
  if (connection->has_head) {
    connection->body_left -= (uint64_t)got;
  } else {
    connection->head_bytes += (size_t)got;
    char* end = memmem(connection->head, connection->head_bytes, "\r\n\r\n", 4);
    if (end == NULL && connection->head_bytes < kHeadBytesMax - 1) return;
    if (end == NULL) {
      fail(connection, "the answer's head is longer than %d bytes", kHeadBytesMax);
      return;
    }
    if (!take_head(connection, end)) return;
  }
  if (connection->body_left == 0) finish(connection);
}

static void handle(struct connection* connection, uint32_t events) {
  if (connection->fd < 0) return;
  if (!connection->busy) {
    hang_up(connection);  // A server may close what is idle.
    return;
  }
  if (events & EPOLLOUT) send_request(connection);
  if (connection->busy && connection->fd >= 0 && (events & ~(uint32_t)EPOLLOUT)) {
    read_answer(connection);
  }
}

static void expire(uint64_t at_ns) {
  for (size_t i = 0; i < options.connections; ++i) {
    struct connection* connection = &connections[i];
    if (connection->busy && connection->begun_ns + TIMEOUT_NS < at_ns) {
      fail(connection, "no answer within %llu s", TIMEOUT_NS / SECOND_NS);
    }
  }
}

// How long nothing is due; never so long that an end or a timeout is missed.
static struct timespec patience(uint64_t at_ns) {
  uint64_t until_ns = at_ns + SECOND_NS / 10;
  const bool is_scheduled = options.rate > 0 && idle_count > 0 && next_due_ns < end_ns;
  if (is_scheduled && next_due_ns < until_ns) until_ns = next_due_ns;
  if (at_ns < end_ns && end_ns < until_ns) until_ns = end_ns;
  const uint64_t left_ns = until_ns > at_ns ? until_ns - at_ns : 0;
  return (struct timespec){.tv_sec = 0, .tv_nsec = (long)left_ns};
}

static void run(void) {
  uint64_t expired_ns = now_ns();
  for (uint64_t at_ns = expired_ns; at_ns < end_ns || idle_count < options.connections;
       at_ns = now_ns()) {
    begin_due();
    struct epoll_event events[kEventsMax];
    const struct timespec wait = patience(now_ns());
    const int ready = epoll_pwait2(loop, events, kEventsMax, &wait, NULL);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      handle(events[i].data.ptr, events[i].events);
      begin_due();
    }
    if (at_ns - expired_ns > SECOND_NS) {
      expire(at_ns);
      expired_ns = at_ns;
    }
  }
}

// Requests that were due in the counted time and found no connection until its end: their latency
// is at least what they had waited by then.
static uint64_t count_unsent(uint64_t ended_ns) {
  uint64_t unsent = 0;
  if (options.rate <= 0) return 0;
  for (; next_due_ns < ended_ns; next_due_ns += (uint64_t)((double)SECOND_NS / options.rate)) {
    if (next_due_ns < count_from_ns) continue;
    histogram_add(&latencies, ended_ns - next_due_ns);
    ++unsent;
  }
  return unsent;
}

static void print_result(uint64_t unsent) {
  for (char* at = first_error; *at != '\0'; ++at) {
    if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ' || (unsigned char)*at > '~')
      *at = '\'';
  }
  const uint64_t in_time = latencies.count - unsent;
  printf(
      "{\"requests\": %llu, \"answered\": %llu, \"unsent\": %llu, \"errors\": %llu, "
      "\"first_error\": \"%s\", \"seconds\": %.3f, \"per_s\": %.1f, ",
      (unsigned long long)in_time, (unsigned long long)answered, (unsigned long long)unsent,
      (unsigned long long)errors, first_error, options.seconds, (double)in_time / options.seconds);
  printf(
      "\"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, "
      "\"max_us\": %.1f}\n",
      histogram_us(&latencies, 0.5), histogram_us(&latencies, 0.9), histogram_us(&latencies, 0.99),
      histogram_us(&latencies, 0.999), (double)latencies.max_ns / 1000);
}

static void usage(void) {
  fprintf(stderr,
          "usage: client PORT REQUESTS [--connections N] [--seconds S] [--warm S] [--rate R]\n"
          "              [--body BYTES] [--query TEXT] [--close]\n");
  exit(2);
}

static void read_options(int count, char** arguments) {
  static const struct option known[] = {{"connections", required_argument, NULL, 'n'},
                                        {"seconds", required_argument, NULL, 's'},
                                        {"warm", required_argument, NULL, 'w'},
                                        {"rate", required_argument, NULL, 'r'},
                                        {"body", required_argument, NULL, 'b'},
                                        {"query", required_argument, NULL, 'q'},
                                        {"close", no_argument, NULL, 'c'},
                                        {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
      case 'n': options.connections = strtoull(optarg, NULL, 10); break;
      case 's': options.seconds = strtod(optarg, NULL); break;
      case 'w': options.warm = strtod(optarg, NULL); break;
      case 'r': options.rate = strtod(optarg, NULL); break;
      case 'b': options.style.body_bytes = strtoull(optarg, NULL, 10); break;
      case 'q': options.style.query = optarg; break;
      case 'c': options.style.close = true; break;
      default: usage();
    }
  }
  if (optind + 2 != count || options.connections == 0 || options.seconds <= 0) usage();
  options.port = (uint16_t)strtoul(arguments[optind], NULL, 10);
}

static void prepare(const char* list) {
  requests = read_requests(list, &options.style);
  connections = calloc(options.connections, sizeof(*connections));
  idle = calloc(options.connections, sizeof(*idle));
  body = malloc(options.style.body_bytes + 1);
  if (connections == NULL || idle == NULL || body == NULL) die("malloc");
  memset(body, 'x', options.style.body_bytes);
  for (size_t i = 0; i < options.connections; ++i) {
    connections[i].fd = -1;
    rest(&connections[i]);
  }
  loop = epoll_create1(EPOLL_CLOEXEC);
  // Else the kernel wakes a sleeper up to 50 us late, which is more than an answer takes.
  prctl(PR_SET_TIMERSLACK, 1UL);
}

int main(int count, char** arguments) {
  read_options(count, arguments);
  prepare(arguments[optind + 1]);
  next_due_ns = now_ns();
  count_from_ns = next_due_ns + (uint64_t)(options.warm * (double)SECOND_NS);
  const uint64_t planned_end_ns = count_from_ns + (uint64_t)(options.seconds * (double)SECOND_NS);
  end_ns = planned_end_ns;
  run();
  // A run that was given up on counts nothing beyond its errors.
  print_result(end_ns == 0 ? 0 : count_unsent(planned_end_ns));
  return 0;
}
