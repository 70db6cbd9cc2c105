#include "service/egress.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>

namespace apim::service {
namespace {

// "https://[fe80::1%25eth0]:80/x" -> "fe80::1"; lower case, without a final dot.
std::string host_of(const std::string& url) {
  size_t start = url.find("://");
  start = start == std::string::npos ? 0 : start + 3;
  std::string host = url.substr(start, url.find_first_of("/?#", start) - start);
  if (const size_t at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
  if (host.starts_with('[')) {
    host = host.substr(
        1, host.find(']') == std::string::npos ? std::string::npos : host.find(']') - 1);
    host = host.substr(0, host.find('%'));
  } else {
    host = host.substr(0, host.find(':'));
  }
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  while (host.ends_with('.')) host.pop_back();
  return host;
}

bool is_link_local(uint32_t address) { return (address >> 16) == 0xa9fe; }

bool is_refused(const in6_addr& address) {
  const uint8_t* bytes = address.s6_addr;
  if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) return true;
  static constexpr std::array<uint8_t, 16> kAws{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0,    0,
                                                0,    0,    0,    0,    0, 0, 0x02, 0x54};
  if (std::equal(kAws.begin(), kAws.end(), bytes)) return true;
  // IPv4-mapped, IPv4-compatible and the NAT64 prefix carry an IPv4 address in their last four
  // bytes.
  const uint32_t tail = static_cast<uint32_t>(bytes[12]) << 24 |
                        static_cast<uint32_t>(bytes[13]) << 16 |
                        static_cast<uint32_t>(bytes[14]) << 8 | bytes[15];
  const bool zeros = std::all_of(bytes, bytes + 10, [](uint8_t byte) { return byte == 0; });
  const bool mapped = zeros && (bytes[10] == 0 || bytes[10] == 0xff);
  static constexpr std::array<uint8_t, 12> kNat64{0x00, 0x64, 0xff, 0x9b};
  return (mapped || std::equal(kNat64.begin(), kNat64.end(), bytes)) && is_link_local(tail);
}

}  // namespace

bool is_metadata_address(const std::string& url) {
  const std::string host = host_of(url);
  if (host == "metadata.google.internal" || host == "metadata") return true;
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return is_refused(six);
  in_addr four{};
  return inet_aton(host.c_str(), &four) != 0 && is_link_local(ntohl(four.s_addr));
}

}  // namespace apim::service
