#include "gate/described.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "http/head.h"
#include "http/token_list.h"

namespace apim::gate {
namespace {

constexpr std::string_view kLineEnds("\r\n\0", 3);
constexpr std::string_view kFields = "method, url, header, key, key_header and client";

// "a+b%20c" -> "a b c"; nothing when an escape is broken.
std::optional<std::string> form_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

// A client's address is put down as text first: it is judged when all fields are known.
struct Fields {
  Described described;
  std::string client;

  // The field of that name which may stand once; null: there is none.
  std::string* single(std::string_view name) {
    if (name == "method") return &described.method;
    if (name == "url") return &described.url;
    if (name == "key") return &described.key;
    if (name == "key_header") return &described.key_header;
    if (name == "client") return &client;
    return nullptr;
  }
};

std::expected<void, std::string> take(Fields& fields, std::string_view part) {
  const size_t equals = part.find('=');
  const auto name = form_decoded(part.substr(0, equals));
  const auto value =
      equals == std::string_view::npos ? std::nullopt : form_decoded(part.substr(equals + 1));
  if (!name || !value) return std::unexpected("the form is broken: name=value, joined by '&'");
  if (*name == "header") {
    fields.described.headers.push_back(*value);
    return {};
  }
  std::string* const single = fields.single(*name);
  if (single == nullptr) {
    return std::unexpected(fmt::format("a field that is not known; there are {}", kFields));
  }
  if (!single->empty()) return std::unexpected(fmt::format("{} stands twice", *name));
  if (value->empty()) return std::unexpected(fmt::format("{} is empty", *name));
  *single = *value;
  return {};
}

struct Url {
  bool is_tls = false;
  std::string_view authority;
  std::string_view rest;  // Path and query as written; empty: "/".
};

std::optional<Url> split_url(std::string_view url) {
  Url parts;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!http::equals_ignoring_case(url.substr(0, scheme.size()), scheme)) continue;
    parts.is_tls = scheme.size() == 8;
    url.remove_prefix(scheme.size());
    const size_t end = std::min(url.find_first_of("/?#"), url.size());
    parts.authority = url.substr(0, end);
    parts.rest = url.substr(end);
    if (parts.authority.empty()) return std::nullopt;
    return parts;
  }
  return std::nullopt;
}

bool has_line_end(std::string_view text) {
  return text.find_first_of(kLineEnds) != std::string_view::npos;
}

bool is_host(std::string_view header) {
  return http::equals_ignoring_case(http::trimmed(header.substr(0, header.find(':'))), "host");
}

}  // namespace

std::expected<Described, std::string> parse_described(std::string_view form) {
  Fields fields;
  while (!form.empty()) {
    const size_t end = std::min(form.find('&'), form.size());
    if (const auto taken = take(fields, form.substr(0, end)); !taken)
      return std::unexpected(taken.error());
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  if (fields.described.method.empty()) return std::unexpected("method is missing");
  if (fields.described.url.empty()) return std::unexpected("url is missing");
  const auto client = parse_address(fields.client.empty() ? "127.0.0.1" : fields.client);
  if (!client) return std::unexpected("client is not an IP address");
  fields.described.client = *client;
  return fields.described;
}

std::expected<DescribedHead, std::string> to_head(const Described& described,
                                                  std::string_view key_header) {
  const auto url = split_url(described.url);
  if (!url) return std::unexpected("url is not of the form http://HOST[:PORT]/PATH");
  for (const std::string_view text :
       {std::string_view(described.method), std::string_view(described.url),
        std::string_view(described.key), key_header}) {
    if (has_line_end(text)) return std::unexpected("a line end inside a field");
  }
  DescribedHead head{.bytes = described.method, .is_tls = url->is_tls};
  head.bytes += ' ';
  if (!url->rest.starts_with('/')) head.bytes += '/';
  head.bytes += url->rest;
  head.bytes += " HTTP/1.1\r\n";
  if (std::ranges::none_of(described.headers, is_host)) {
    head.bytes += fmt::format("Host: {}\r\n", url->authority);
  }
  for (const std::string& header : described.headers) {
    if (header.empty()) return std::unexpected("a header is empty");
    if (has_line_end(header)) return std::unexpected("a line end inside a header");
    head.bytes += header + "\r\n";
  }
  if (!key_header.empty()) head.bytes += fmt::format("{}: {}\r\n", key_header, described.key);
  head.bytes += "\r\n";
  return head;
}

}  // namespace apim::gate
