#include "http/h1_writer.h"

#include <cassert>
#include <charconv>
#include <cstring>

#include "http/guard.h"

namespace apim::http {
namespace {

bool is_target(std::string_view text) {
  for (const char c : text) {
    if (c <= 0x20 || c >= 0x7f) return false;
  }
  return true;
}

}  // namespace

void HeadWriter::put(std::string_view bytes) {
  if (static_cast<size_t>(end_ - at_) < bytes.size()) {
    is_good_ = false;
    return;
  }
  std::memcpy(at_, bytes.data(), bytes.size());
  at_ += bytes.size();
}

void HeadWriter::request_line(Method method, std::string_view base, std::string_view path,
                              std::string_view query) {
  if (!is_target(base) || !is_target(path) || !is_target(query) || base.size() + path.size() == 0) {
    is_good_ = false;
    return;
  }
  put(to_text(method));
  put(" ");
  put(base);
  put(path);
  if (!query.empty()) {
    put("?");
    put(query);
  }
  put(" HTTP/1.1\r\n");
}

void HeadWriter::status_line(uint16_t status) {
  assert(status >= 100);
  assert(status <= 599);
  std::array<char, 20> digits;
  put("HTTP/1.1 ");
  put(decimal(status, digits));
  put(" ");
  put(reason_of(status));
  put("\r\n");
}

void HeadWriter::named_field(std::string_view name, std::string_view value) {
  if (!is_token(name)) {
    is_good_ = false;
    return;
  }
  put_field(name, value);
}

void HeadWriter::put_field(std::string_view name, std::string_view value) {
  assert(!name.empty());
  const size_t bytes = name.size() + value.size() + 4;
  if (static_cast<size_t>(end_ - at_) < bytes) {
    is_good_ = false;
    return;
  }
  char* at = at_;
  std::memcpy(at, name.data(), name.size());
  at += name.size();
  *at++ = ':';
  *at++ = ' ';
  if (!copy_field_value(value, at)) {
    is_good_ = false;
    return;
  }
  at += value.size();
  *at++ = '\r';
  *at++ = '\n';
  at_ = at;
}

void HeadWriter::joined_field(FieldName name, std::string_view first, std::string_view second) {
  if (first.empty()) return field(name, second);
  is_good_ = is_good_ && is_field_value(first) && is_field_value(second);
  if (!is_good_) return;
  for (const std::string_view part : {name.text(), std::string_view(": "), first,
                                      std::string_view(", "), second, std::string_view("\r\n")}) {
    put(part);
  }
}

void HeadWriter::number_field(FieldName name, uint64_t value) {
  std::array<char, 20> digits;
  field(name, decimal(value, digits));
}

void HeadWriter::end() { put("\r\n"); }

std::string_view reason_of(uint16_t status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

std::string_view decimal(uint64_t value, std::array<char, 20>& room) {
  const auto [end, error] = std::to_chars(room.data(), room.data() + room.size(), value);
  assert(error == std::errc{});
  return {room.data(), static_cast<size_t>(end - room.data())};
}

std::string_view chunk_line(uint64_t bytes, std::array<char, 20>& room) {
  const auto [end, error] = std::to_chars(room.data(), room.data() + room.size() - 2, bytes, 16);
  assert(error == std::errc{});
  end[0] = '\r';
  end[1] = '\n';
  return {room.data(), static_cast<size_t>(end - room.data()) + 2};
}

}  // namespace apim::http
