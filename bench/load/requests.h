// Requests: what the client sends, rendered before the clock runs.

#pragma once

#include <stdbool.h>
#include <stddef.h>

struct request {
  char* head;  // Complete, with its empty line.
  size_t head_bytes;
};

struct requests {
  struct request* all;
  size_t count;
};

struct request_style {
  const char* query;  // Behind every path, without its "?"; NULL: none.
  size_t body_bytes;  // Announced as Content-Length.
  bool close;         // One connection a request.
};

// Reads a file with one request a line, METHOD<TAB>path<TAB>key, and shuffles it: the order is the
// same in every run and says nothing about keys or APIs. A file that cannot be used ends the
// program.
struct requests read_requests(const char* path, const struct request_style* style);
