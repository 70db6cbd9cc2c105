#include "http/body.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>

#include "base/ascii.h"
#include "http/field_id.h"

namespace apim::http {
namespace {

constexpr HeadLimits kTrailerLimits{
    .head_bytes = 8 * 1024, .line_bytes = 8 * 1024, .field_count = 32};

// `trailer` as the guard passed it: lines of "name:value", then an empty one.
bool names_framing(std::string_view trailer) {
  while (!trailer.starts_with("\r\n")) {
    const FieldId id = aliased_field_id(trailer.substr(0, trailer.find(':')));
    if (id == FieldId::ContentLength || id == FieldId::TransferEncoding) return true;
    trailer.remove_prefix(trailer.find('\n') + 1);
  }
  return false;
}

}  // namespace

void BodyReader::start(Framing framing, uint64_t length) {
  is_chunked_ = framing == Framing::Chunked;
  remaining_ = framing == Framing::Length ? length : 0;
  digit_count_ = 0;
  extension_bytes_ = 0;
  extensions_bytes_ = 0;
  content_bytes_ = 0;
  framing_bytes_ = 0;
  trailer_text_.clear();
  switch (framing) {
    case Framing::None: state_ = State::Ended; break;
    case Framing::Length: state_ = length == 0 ? State::Ended : State::Length; break;
    case Framing::UntilClose: state_ = State::UntilClose; break;
    case Framing::Chunked: state_ = State::Size; break;
  }
}

Result<std::string_view> BodyReader::next(std::string_view& bytes) {
  while (!bytes.empty() && state_ != State::Ended) {
    if (state_ == State::UntilClose) return std::exchange(bytes, std::string_view());
    if (state_ == State::Length || state_ == State::Data) {
      const std::string_view content =
          bytes.substr(0, std::min<uint64_t>(remaining_, bytes.size()));
      bytes.remove_prefix(content.size());
      remaining_ -= content.size();
      content_bytes_ += content.size();
      if (remaining_ == 0) state_ = is_chunked_ ? State::DataCr : State::Ended;
      return content;
    }
    if (state_ == State::Trailer) {
      if (!take_trailer(bytes))
        return std::unexpected(fault(FaultCode::BadRequest, "broken trailer"));
      continue;
    }
    if (!frame(bytes.front()))
      return std::unexpected(fault(FaultCode::BadRequest, "broken chunk framing"));
    bytes.remove_prefix(1);
  }
  return std::string_view();
}

// False: it is broken, or names a field that could be taken for the message's framing.
bool BodyReader::take_trailer(std::string_view& bytes) {
  const Guard::Scan scan = trailer_.scan(bytes, kTrailerLimits);
  if (scan.outcome == Guard::Outcome::Refused) return false;
  trailer_text_.append(bytes.substr(0, scan.used));
  bytes.remove_prefix(scan.used);
  if (scan.outcome == Guard::Outcome::NeedMore) return true;
  state_ = State::Ended;
  const bool is_clean = !names_framing(trailer_text_.view());
  trailer_text_.clear();
  return is_clean;
}

// One byte between chunks. False: it must not stand there.
bool BodyReader::frame(char c) {
  if (++framing_bytes_ > kFramingFree + kFramingPerByte * content_bytes_) return false;
  switch (state_) {
    case State::Size: {
      const int digit = hex_value(c);
      if (digit >= 0) {
        remaining_ = remaining_ << 4 | static_cast<uint64_t>(digit);
        return ++digit_count_ <= kSizeDigitsMax;
      }
      if (digit_count_ == 0) return false;
      state_ = c == ';' ? State::Extension : State::SizeLf;
      return c == ';' || c == '\r';
    }
    case State::Extension:
      if (c == '\r') {
        state_ = State::SizeLf;
        return extension_bytes_ > 0;
      }
      ++extensions_bytes_;
      return c > 0x20 && c < 0x7f && ++extension_bytes_ <= kExtensionBytesMax &&
             extensions_bytes_ <= kExtensionsBytesMax;
    case State::SizeLf: return c == '\n' && end_size_line();
    case State::DataCr: state_ = State::DataLf; return c == '\r';
    case State::DataLf: state_ = State::Size; return c == '\n';
    default: break;
  }
  assert(false);
  return false;
}

bool BodyReader::end_size_line() {
  digit_count_ = 0;
  extension_bytes_ = 0;
  state_ = remaining_ == 0 ? State::Trailer : State::Data;
  if (state_ == State::Trailer) trailer_.reset(Guard::Kind::Trailer);
  return true;
}

void Pipe::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (end_ + bytes.size() > room_) {
    const size_t used = size();
    const size_t wanted = std::max<size_t>({used + bytes.size(), 1024, used * 2});
    char* grown = static_cast<char*>(std::malloc(wanted));
    if (grown == nullptr) std::abort();
    if (used > 0) std::memcpy(grown, bytes_ + begin_, used);
    std::free(bytes_);
    bytes_ = grown;
    begin_ = 0;
    end_ = used;
    room_ = wanted;
  }
  std::memcpy(bytes_ + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

void Pipe::consume(size_t count) {
  assert(count <= size());
  begin_ += count;
  if (begin_ == end_) clear();
}

void Pipe::clear() {
  std::free(bytes_);
  bytes_ = nullptr;
  begin_ = end_ = room_ = 0;
}

}  // namespace apim::http
