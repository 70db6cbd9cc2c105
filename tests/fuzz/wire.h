// Wire: what the HTTP fuzz targets share: a connection fed in pieces, and what must hold of a head.
//
// The predicates are written anew from the RFCs, never borrowed from what is under test.

#pragma once

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "http/guard.h"
#include "http/head.h"

namespace apim::fuzz {

constexpr http::HeadLimits kUsualLimits;
constexpr http::HeadLimits kTightLimits{.head_bytes = 160, .line_bytes = 48, .field_count = 4};

constexpr size_t kWhole = std::numeric_limits<size_t>::max();

// What `connection` made of `input` when it came in pieces of at most that many bytes. Each piece
// lies in memory of its own, exactly as large.
template <class Connection>
std::string transcript_of(Connection connection, std::string_view input, size_t piece_bytes_max) {
  std::minstd_rand random(static_cast<uint32_t>(std::hash<std::string_view>()(input)));
  while (!input.empty()) {
    const size_t room = std::min(piece_bytes_max, input.size());
    const size_t count = piece_bytes_max == kWhole ? room : 1 + random() % room;
    const std::vector<char> piece(input.begin(), input.begin() + static_cast<ptrdiff_t>(count));
    connection.feed({piece.data(), piece.size()});
    input.remove_prefix(count);
  }
  return connection.finish();
}

// How bytes are cut into packets must not change what they mean. (Long inputs in longer pieces
// only: short ones have all there is to find, and an input is to take milliseconds.)
template <class Connection>
void check_every_split(std::string_view input, const http::HeadLimits& limits) {
  const std::string whole = transcript_of(Connection(limits), input, kWhole);
  for (const size_t piece_bytes_max : {size_t{1}, size_t{5}, size_t{61}, size_t{1021}}) {
    if (input.size() > 256 * piece_bytes_max) continue;
    const std::string split = transcript_of(Connection(limits), input, piece_bytes_max);
    assert(split == whole);
  }
}

inline bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// RFC 9110 5.6.2 and 5.5: nothing that ends a line or a text anywhere is ever kept.
inline void check_field(const http::Field& field) {
  assert(!field.name.empty());
  for (const char c : field.name) {
    const bool is_mark = std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    assert(is_mark || is_alphanumeric(c));
  }
  for (const char c : field.value) {
    const auto byte = static_cast<unsigned char>(c);
    assert(byte >= 0x20 || byte == '\t');
    assert(byte != 0x7f);
  }
  if (field.value.empty()) return;
  assert(field.value.front() != ' ');
  assert(field.value.front() != '\t');
  assert(field.value.back() != ' ');
  assert(field.value.back() != '\t');
}

// RFC 9112 6: what the fields say about the body, counted by their names alone.
struct Framed {
  size_t lengths = 0;
  size_t codings = 0;
  std::string_view length;
  std::string_view coding;
};

inline Framed framed_by(std::span<const http::Field> fields) {
  Framed framed;
  for (const http::Field& field : fields) {
    const std::string name = lower(field.name);
    if (name == "content-length") {
      ++framed.lengths;
      framed.length = field.value;
      assert(field.dropped);
    } else if (name == "transfer-encoding") {
      ++framed.codings;
      framed.coding = field.value;
      assert(field.dropped);
    }
  }
  return framed;
}

// One decision at most, and the number is the digits' and nothing else's.
inline void check_framing(const Framed& framed, uint64_t content_length) {
  assert(framed.lengths + framed.codings <= 1);
  if (framed.codings == 1) assert(lower(framed.coding) == "chunked");
  if (framed.lengths == 0) return;
  uint64_t length = 0;
  const char* const end = framed.length.data() + framed.length.size();
  const auto [stop, error] = std::from_chars(framed.length.data(), end, length);
  assert(error == std::errc());
  assert(stop == end);
  assert(length == content_length);
}

// Connection-specific fields end here (RFC 9110 7.6.1).
inline void check_hop_by_hop(std::span<const http::Field> fields) {
  for (const http::Field& field : fields) {
    const std::string name = lower(field.name);
    for (const std::string_view hop : {"connection", "keep-alive", "te", "trailer", "upgrade",
                                       "proxy-connection", "transfer-encoding"}) {
      if (name == hop) assert(field.dropped);
    }
  }
}

inline std::string describe(std::span<const http::Field> fields) {
  std::string text;
  for (const http::Field& field : fields) {
    text += field.dropped ? "-" : "+";
    text.append(field.name).append(": ").append(field.value).append("\n");
  }
  return text;
}

// Those that go on, as a head that is written anew carries them.
inline std::string forwarded(std::span<const http::Field> fields) {
  std::string text;
  for (const http::Field& field : fields) {
    if (field.dropped || field.id == http::FieldId::Host) continue;
    text.append(field.name).append(": ").append(field.value).append("\n");
  }
  return text;
}

}  // namespace apim::fuzz
