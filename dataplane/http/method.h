// Method: the request methods the gateway knows. An allow-list: anything else is answered 501.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace apim::http {

// The first eight equal apim::fbs::Method (match/match.cc asserts it).
enum class Method : uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Trace };

std::string_view to_text(Method method);

// Exact and case-sensitive (RFC 9110 9.1).
std::optional<Method> parse_method(std::string_view text);

// RFC 9110 9.2.2: a request with it may be sent twice without a second effect.
bool is_idempotent(Method method);

}  // namespace apim::http
