// Body: decodes bodies as RFC 9112 6 and 7 frame them, and holds a bounded piece of one that cannot
// move on yet.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/guard.h"
#include "http/head.h"

namespace apim::http {

// Bytes that wait: grows by malloc, holds no memory while empty. The owner bounds it.
class Pipe {
 public:
  static constexpr size_t kHighBytes = 64 * 1024;
  static constexpr size_t kLowBytes = 16 * 1024;

  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() { clear(); }

  void append(std::string_view bytes);
  // Drops the first `count` bytes.
  void consume(size_t count);
  void clear();

  std::string_view view() const { return {bytes_ + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

 private:
  char* bytes_ = nullptr;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t room_ = 0;
};

// Splits a connection's bytes into the body's content and what follows it. Strict: every byte of
// chunk framing is checked; extensions and trailers are bounded and dropped, and a trailer that
// speaks of framing is refused. Framing may cost kFramingFree bytes and kFramingPerByte for each
// byte of content: chunks of one byte pass, padded ones do not.
class BodyReader {
 public:
  static constexpr uint64_t kFramingFree = 64 * 1024;
  static constexpr uint64_t kFramingPerByte = 8;
  static constexpr uint32_t kSizeDigitsMax = 16;
  static constexpr uint32_t kExtensionBytesMax = 256;         // Of one chunk.
  static constexpr uint32_t kExtensionsBytesMax = 16 * 1024;  // Of one body.

  // After it is_ended() tells whether a body follows at all.
  void start(Framing framing, uint64_t length);

  // The next content in `bytes`, which it shortens by what it used. Empty: `bytes` is used up, or
  // the body ended. Fault: BadRequest, whichever side sent it; the message is broken.
  Result<std::string_view> next(std::string_view& bytes);

  bool is_ended() const { return state_ == State::Ended; }
  // An UntilClose body ends with its connection.
  bool ends_with_connection() const { return state_ == State::UntilClose; }
  // Framing::Length: bytes still to come; 0 for the other kinds.
  uint64_t remaining() const { return is_chunked_ ? 0 : remaining_; }
  // The body began to arrive but is not complete: the connection must not be used again.
  bool is_chunked() const { return is_chunked_; }

 private:
  enum class State : uint8_t {
    Ended,
    Length,
    UntilClose,
    Size,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    Trailer
  };
  bool frame(char c);
  bool end_size_line();
  bool take_trailer(std::string_view& bytes);

  State state_ = State::Ended;
  bool is_chunked_ = false;
  uint32_t digit_count_ = 0;
  uint32_t extension_bytes_ = 0;
  uint32_t extensions_bytes_ = 0;
  uint64_t remaining_ = 0;
  uint64_t content_bytes_ = 0;
  uint64_t framing_bytes_ = 0;
  Guard trailer_{Guard::Kind::Trailer};
  Pipe trailer_text_;  // What came of it, until it is whole.
};

}  // namespace apim::http
