// Requests: reads the list, renders the heads, shuffles them.

#define _GNU_SOURCE
#include "requests.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char* path, const char* what) {
  fprintf(stderr, "client: %s: %s\n", path, what);
  exit(2);
}

// False: the line is not METHOD<TAB>path<TAB>key.
static bool render(char* line, const struct request_style* style, struct request* request) {
  const char* method = strsep(&line, "\t");
  const char* path = strsep(&line, "\t");
  const char* key = line;
  if (path == NULL || key == NULL || path[0] != '/') return false;
  char length[64] = "";
  if (style->body_bytes > 0) {
    snprintf(length, sizeof(length), "Content-Length: %zu\r\n", style->body_bytes);
  }
  const int bytes =
      asprintf(&request->head, "%s %s%s%s HTTP/1.1\r\nHost: localhost\r\n%s%s%s%s%s\r\n", method,
               path, style->query == NULL ? "" : "?", style->query == NULL ? "" : style->query,
               key[0] ? "ApiKey: " : "", key, key[0] ? "\r\n" : "", length,
               style->close ? "Connection: close\r\n" : "");
  if (bytes < 0) return false;
  request->head_bytes = (size_t)bytes;
  return true;
}

// Fisher-Yates with xorshift64: fixed seed, so that runs can be compared.
static void shuffle(struct requests* requests) {
  uint64_t state = 88172645463325252ULL;
  for (size_t left = requests->count; left > 1; --left) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const size_t chosen = (size_t)(state % left);
    const struct request last = requests->all[left - 1];
    requests->all[left - 1] = requests->all[chosen];
    requests->all[chosen] = last;
  }
}

struct requests read_requests(const char* path, const struct request_style* style) {
  FILE* file = fopen(path, "re");
  if (file == NULL) die(path, "cannot be read");
  struct requests requests = {.all = NULL, .count = 0};
  size_t room = 0;
  char* line = NULL;
  size_t line_room = 0;
  for (;;) {
    const ssize_t bytes = getline(&line, &line_room, file);
    if (bytes <= 0) break;
    if (line[bytes - 1] == '\n') line[bytes - 1] = '\0';
    if (requests.count == room) {
      room = room == 0 ? 1024 : 2 * room;
      requests.all = realloc(requests.all, room * sizeof(*requests.all));
      if (requests.all == NULL) die(path, "too long for this machine");
    }
    if (!render(line, style, &requests.all[requests.count++])) {
      die(path, "every line must be METHOD<TAB>path<TAB>key");
    }
  }
  free(line);
  fclose(file);
  if (requests.count == 0) die(path, "holds no request");
  shuffle(&requests);
  return requests;
}
