// Resolver: host names to addresses, off the loop, bounded and cached.
//
// One per worker. Address literals are answered at once. Answers are kept
// kFreshMs; a name that does not resolve is remembered kRefusedMs; when a
// refresh fails, the last answer serves up to kStaleMs more. One thread: the loop's.

#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/loop.h"

namespace apim::net {

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

struct Addresses {
  static constexpr size_t kAddressesMax = 8;
  std::array<SocketAddress, kAddressesMax> list;
  size_t count = 0;
};

class ResolverUser {
 public:
  // `addresses` live until the call returns; without a port. Null: the name does not resolve now.
  virtual void on_resolved(const Addresses* addresses_or_null) = 0;

 protected:
  ~ResolverUser() = default;

 private:
  friend class Resolver;
  ResolverUser* next_waiting_ = nullptr;
  bool is_waiting_ = false;
};

class Resolver {
 public:
  static constexpr uint64_t kFreshMs = 30'000;
  static constexpr uint64_t kRefusedMs = 1'000;
  static constexpr uint64_t kStaleMs = 300'000;
  static constexpr size_t kNamesMax = 16 * 1024;
  static constexpr size_t kRunningMax = 64;

  explicit Resolver(Loop& loop);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();  // The loop has run out: no lookup runs any more.

  enum class State : uint8_t { Known, Refused, Pending };
  struct Answer {
    State state = State::Pending;
    const Addresses* addresses = nullptr;  // Known only; valid until the next call.
  };
  // Pending: `user` is called exactly once, later, unless it calls cancel(). Otherwise it is not
  // called.
  Answer resolve(std::string_view host, ResolverUser& user);
  void cancel(ResolverUser& user);

 private:
  struct Name;
  struct Lookup;
  Name& name_of(std::string_view host);
  bool start(const std::string& host);
  void finish(const std::string& host, const addrinfo* answer);
  void make_room();

  Loop& loop_;
  std::map<std::string, std::unique_ptr<Name>, std::less<>> names_;
  size_t running_count_ = 0;
};

// The address of a literal such as "127.0.0.1" or "::1"; false: it is a name.
bool parse_literal(std::string_view host, SocketAddress* address);

// `address` with that port.
SocketAddress with_port(SocketAddress address, uint16_t port);

}  // namespace apim::net
