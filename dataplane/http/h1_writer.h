// H1 writer: the only code that makes HTTP/1 heads and chunk lines.
//
// Everything it writes is generated; nothing is copied from a raw head. It
// refuses a name that is no token and a value with CR, LF, NUL or another
// control byte, whoever it comes from.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/head.h"

namespace apim::http {

// A field name that stands in the source: checked when it is compiled.
class FieldName {
 public:
  template <size_t Bytes>
  consteval FieldName(const char (&text)[Bytes]) : text_(text, Bytes - 1) {
    for (const char c : text_) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!is_letter && c != '-') refuse();
    }
  }
  std::string_view text() const { return text_; }

 private:
  static void refuse();  // Not constant: a bad name does not compile.
  std::string_view text_;
};

// Writes into a buffer of fixed size. After a refusal or an overflow is_good() is false and the
// text must not be sent.
class HeadWriter {
 public:
  explicit HeadWriter(std::span<char> room)
      : begin_(room.data()), at_(room.data()), end_(room.data() + room.size()) {}

  // The path is `base` followed by `path`; an empty query is left out.
  void request_line(Method method, std::string_view base, std::string_view path,
                    std::string_view query);
  void status_line(uint16_t status);
  void field(FieldName name, std::string_view value) { put_field(name.text(), value); }
  // A parsed one; the guard saw its name.
  void field(const Field& parsed) { put_field(parsed.name, parsed.value); }
  // A name from a plan or a setting.
  void named_field(std::string_view name, std::string_view value);
  // "name: first, second"; `first` empty: `second` alone.
  void joined_field(FieldName name, std::string_view first, std::string_view second);
  void number_field(FieldName name, uint64_t value);
  // Ends the head with its empty line.
  void end();

  bool is_good() const { return is_good_; }
  std::string_view text() const { return {begin_, static_cast<size_t>(at_ - begin_)}; }

 private:
  void put(std::string_view bytes);
  void put_field(std::string_view name, std::string_view value);

  char* begin_;
  char* at_;
  char* end_;
  bool is_good_ = true;
};

// Our own phrase for a status; never a backend's.
std::string_view reason_of(uint16_t status);

// "1a2b\r\n", in `room`.
std::string_view chunk_line(uint64_t bytes, std::array<char, 20>& room);

// Decimal digits of `value`, in `room`.
std::string_view decimal(uint64_t value, std::array<char, 20>& room);

}  // namespace apim::http
