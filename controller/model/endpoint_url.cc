#include "model/endpoint_url.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "model/ascii.h"

namespace apim::model {
namespace {

constexpr size_t kUrlBytesMax = 2048;
constexpr size_t kHostBytesMax = 253;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
  return result;
}

bool is_address6(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// A name or an IPv4 address. A host of digits and dots only has to be a whole IPv4 address: "127.1"
// and "2130706433" mean something else to every resolver.
bool is_host_name(const std::string& host) {
  if (host.empty() || host.size() > kHostBytesMax) return false;
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
  if (!plain || host.front() == '.' || host.front() == '-') return false;
  if (host.find("..") != std::string::npos) return false;
  const std::string last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
  const bool numeric = !last.empty() && std::all_of(last.begin(), last.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
  in_addr address;
  const bool looks_hex = last.starts_with("0x");
  return (!numeric && !looks_hex) || inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// Why these characters cannot be in a URL's path, or nothing.
std::string wrong_in_path(std::string_view path) {
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '%') {
      if (i + 2 >= path.size() || hex_value(path[i + 1]) < 0 || hex_value(path[i + 2]) < 0) {
        return "has a '%' that is not followed by two hexadecimal digits";
      }
    } else if (!is_alphanumeric(c) &&
               std::string_view("-._~!$&'()*+,;=:@/").find(c) == std::string_view::npos) {
      return fmt::format("has the character {} in its path; percent-encode it",
                         c > ' ' && c < 0x7f ? fmt::format("'{}'", c) : "outside of visible ASCII");
    }
  }
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin + 1), path.size());
    const std::string_view segment = path.substr(begin + 1, end - begin - 1);
    if (segment == "." || segment == "..") return "has '.' or '..' as a segment of its path";
    begin = end;
  }
  return "";
}

struct Authority {
  std::string host;
  std::string port;
  bool bracketed = false;
};

std::expected<Authority, std::string> split_authority(std::string_view text) {
  Authority result;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return std::unexpected("has '[' without ']'");
    result.host = lower(text.substr(1, close - 1));
    result.bracketed = true;
    text.remove_prefix(close + 1);
    if (!is_address6(result.host))
      return std::unexpected("has no IPv6 address between '[' and ']'");
    if (!text.empty() && text.front() != ':') return std::unexpected("has text after ']'");
  } else {
    const size_t colon = text.find(':');
    result.host = lower(text.substr(0, colon));
    text.remove_prefix(std::min(colon, text.size()));
    if (result.host.empty()) return std::unexpected("has no host");
    if (!is_host_name(result.host)) {
      return std::unexpected(
          fmt::format("has a host that is neither a name nor an address: '{}'", result.host));
    }
  }
  if (!text.empty()) {
    result.port = text.substr(1);
    if (result.port.empty()) return std::unexpected("has ':' without a port");
  }
  return result;
}

// Cut, and without what stands before '@': it may be a password.
std::string shown_url(const std::string& url) {
  std::string text = url.size() > 200 ? url.substr(0, 200) + "..." : url;
  const size_t at = text.rfind('@');
  if (at == std::string::npos) return text;
  const size_t scheme = text.find("://");
  return text.replace(scheme < at ? scheme + 3 : 0, at - (scheme < at ? scheme + 3 : 0), "***");
}

std::string why_not_template(const std::string& url) {
  if (url.find("${") != std::string::npos) {
    return "holds a ${variable} that was not replaced; set it in the environment of apimctl, or "
           "write the address";
  }
  if (url.find('{') != std::string::npos || url.find('}') != std::string::npos) {
    return "holds a template such as {uri.var.x}, which is not supported in endpoint URLs";
  }
  return "";
}

}  // namespace

std::expected<EndpointUrl, std::string> parse_endpoint_url(const std::string& url) {
  const auto wrong = [&](const std::string& why) {
    return std::unexpected(fmt::format("'{}' is not an endpoint URL: it {}", shown_url(url), why));
  };
  if (url.empty()) return std::unexpected("is empty; write http://host:port/path or https://...");
  if (url.size() > kUrlBytesMax) return wrong(fmt::format("is longer than {} bytes", kUrlBytesMax));
  if (const std::string why = why_not_template(url); !why.empty()) return wrong(why);

  EndpointUrl result;
  const std::string start = lower(std::string_view(url).substr(0, 8));
  if (start.starts_with("https://")) {
    result.tls = true;
  } else if (!start.starts_with("http://")) {
    return wrong("does not start with http:// or https://");
  }
  std::string_view rest = std::string_view(url).substr(result.tls ? 8 : 7);
  if (rest.find('#') != std::string_view::npos)
    return wrong("has a fragment ('#...'), which no backend sees");
  if (rest.find('?') != std::string_view::npos) {
    return wrong("has a query; add the parameters with the policy addQueryParam instead");
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority_text = rest.substr(0, slash);
  if (authority_text.find('@') != std::string_view::npos) {
    return wrong("has a user or password; put them into endpoint_security instead");
  }
  auto authority = split_authority(authority_text);
  if (!authority) return wrong(authority.error());
  result.port = result.tls ? 443 : 80;
  if (!authority->port.empty()) {
    uint32_t port = 0;
    const char* const end = authority->port.data() + authority->port.size();
    const auto [stop, error] = std::from_chars(authority->port.data(), end, port);
    if (error != std::errc{} || stop != end || port == 0 || port > 65535) {
      return wrong(
          fmt::format("has the port '{}', which is not within 1 to 65535", authority->port));
    }
    result.port = static_cast<uint16_t>(port);
  }
  result.path = rest.substr(slash);
  if (const std::string why = wrong_in_path(result.path); !why.empty()) return wrong(why);
  while (result.path.ends_with('/')) result.path.pop_back();
  result.host = authority->host;
  result.authority = authority->bracketed ? "[" + result.host + "]" : result.host;
  if (result.port != (result.tls ? 443 : 80)) result.authority += fmt::format(":{}", result.port);
  return result;
}

}  // namespace apim::model
