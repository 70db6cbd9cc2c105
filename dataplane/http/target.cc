#include "http/target.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

#include "base/ascii.h"

namespace apim::http {
namespace {

// What a byte of a target means. Plain bytes need no look at their neighbours.
enum ByteClass : uint8_t { kBad, kPlain, kSlash, kDot, kPercent, kSemicolon, kQuestion };

constexpr bool is_unreserved(unsigned c) {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

constexpr std::array<uint8_t, 256> make_byte_classes() {
  std::array<uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    if (is_unreserved(c)) classes[c] = kPlain;
  }
  for (const char c : std::string_view("!$&'()*+,=:@[]")) classes[static_cast<uint8_t>(c)] = kPlain;
  classes['/'] = kSlash;
  classes['.'] = kDot;
  classes['%'] = kPercent;
  classes[';'] = kSemicolon;
  classes['?'] = kQuestion;
  return classes;
}

constexpr std::array<uint8_t, 256> kByteClasses = make_byte_classes();

uint8_t class_of(char c) { return kByteClasses[static_cast<uint8_t>(c)]; }

// The byte an escape at `at` stands for, or -1.
int unescape(std::string_view text, size_t at) {
  if (at + 2 >= text.size()) return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// An escaped separator or line break in a path is an attempt to be read twice.
bool is_refused_in_path(int byte) {
  return byte < 0 || byte == 0 || byte == '\r' || byte == '\n' || byte == '/' || byte == '\\';
}

// The query stays as sent. Escaped line breaks are data of forms there; NUL never is.
bool query_is_valid(std::string_view query) {
  for (size_t i = 0; i < query.size(); ++i) {
    const uint8_t kind = class_of(query[i]);
    if (kind == kBad) return false;
    if (kind == kPercent && unescape(query, i) <= 0) return false;
  }
  return true;
}

// Builds a path segment by segment in a buffer of the raw path's size: nothing it does grows the
// text.
class PathBuilder {
 public:
  explicit PathBuilder(char* out) : out_(out) { out_[0] = '/'; }

  void add(char c) { out_[size_++] = c; }

  void add_escape(int byte) {
    if (is_unreserved(static_cast<unsigned>(byte))) return add(static_cast<char>(byte));
    constexpr std::string_view kHex = "0123456789ABCDEF";
    add('%');
    add(kHex[static_cast<size_t>(byte) >> 4]);
    add(kHex[static_cast<size_t>(byte) & 15]);
  }

  // Ends the current segment. False: it left the root, or hides a dot segment behind ';'.
  bool end_segment(bool is_last) {
    const std::string_view segment(out_ + segment_, size_ - segment_);
    if (segment.starts_with(".;") || segment.starts_with("..;")) return false;
    if (segment == ".") {
      size_ = segment_;
    } else if (segment == "..") {
      if (segment_ == 1) return false;
      size_ = segment_ - 1;
      while (out_[size_ - 1] != '/') --size_;
    } else if (!segment.empty() && !is_last) {
      add('/');
    }
    segment_ = size_;
    return true;
  }

  std::string_view path() const { return {out_, size_}; }

 private:
  char* out_;
  size_t size_ = 1;
  size_t segment_ = 1;  // Where the current segment begins.
};

Fault bad_target(const char* what) { return fault(FaultCode::BadRequest, what); }

Result<std::string_view> canonical_path(std::string_view raw, Arena& arena) {
  char* out = static_cast<char*>(arena.allocate(raw.size() + 1, 1));
  if (out == nullptr) return std::unexpected(fault(FaultCode::Overloaded, "arena full: path"));
  PathBuilder builder(out);
  for (size_t i = 1; i < raw.size(); ++i) {
    const uint8_t kind = class_of(raw[i]);
    if (kind == kBad) return std::unexpected(bad_target("forbidden byte in the path"));
    if (kind == kSlash) {
      if (!builder.end_segment(false)) return std::unexpected(bad_target("path leaves its root"));
    } else if (kind == kPercent) {
      const int byte = unescape(raw, i);
      if (is_refused_in_path(byte))
        return std::unexpected(bad_target("forbidden escape in the path"));
      builder.add_escape(byte);
      i += 2;
    } else {
      builder.add(raw[i]);
    }
  }
  if (!builder.end_segment(true)) return std::unexpected(bad_target("path leaves its root"));
  return builder.path();
}

// The length of the path when it is canonical already, or 0: then the slow way decides.
size_t canonical_length(std::string_view text) {
  char before = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const uint8_t kind = class_of(c);
    if (kind == kQuestion) return i;
    if (kind == kBad || kind == kPercent || kind == kSemicolon) return 0;
    if (before == '/' && (kind == kSlash || kind == kDot)) return 0;
    before = c;
  }
  return text.size();
}

}  // namespace

Result<Target> canonical_target(std::string_view path_and_query, Arena& arena) {
  if (path_and_query.empty() || path_and_query[0] != '/') {
    return std::unexpected(bad_target("target does not start with '/'"));
  }
  Target target;
  size_t length = canonical_length(path_and_query);
  if (length > 0) {
    target.path = path_and_query.substr(0, length);
  } else {
    length = std::min(path_and_query.find('?'), path_and_query.size());
    TRY(target.path, canonical_path(path_and_query.substr(0, length), arena));
  }
  if (length < path_and_query.size()) {
    target.has_query = true;
    target.query = path_and_query.substr(length + 1);
    if (!query_is_valid(target.query))
      return std::unexpected(bad_target("forbidden byte in the query"));
  }
  assert(!target.path.empty());
  assert(target.path[0] == '/');
  return target;
}

}  // namespace apim::http
