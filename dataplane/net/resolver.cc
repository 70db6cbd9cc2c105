#include "net/resolver.h"

#include <arpa/inet.h>

#include <cassert>
#include <cstring>
#include <utility>

namespace apim::net {

struct Resolver::Name {
  Addresses addresses;      // count 0: nothing known.
  uint64_t known_ms = 0;    // When `addresses` was found.
  uint64_t refused_ms = 0;  // When the last lookup failed; 0: it did not.
  bool is_literal = false;
  bool is_running = false;
  ResolverUser* waiting = nullptr;
};

struct Resolver::Lookup {
  uv_getaddrinfo_t request;
  Resolver* resolver;
  std::string host;
};

bool parse_literal(std::string_view host, SocketAddress* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (host.size() >= text.size()) return false;
  std::memcpy(text.data(), host.data(), host.size());
  *address = {};
  if (inet_pton(AF_INET, text.data(), &address->v4.sin_addr) == 1) {
    address->v4.sin_family = AF_INET;
    return true;
  }
  if (inet_pton(AF_INET6, text.data(), &address->v6.sin6_addr) == 1) {
    address->v6.sin6_family = AF_INET6;
    return true;
  }
  return false;
}

SocketAddress with_port(SocketAddress address, uint16_t port) {
  if (address.any.sa_family == AF_INET) {
    address.v4.sin_port = htons(port);
  } else {
    address.v6.sin6_port = htons(port);
  }
  return address;
}

Resolver::Resolver(Loop& loop) : loop_(loop) {}

Resolver::~Resolver() { assert(running_count_ == 0); }

Resolver::Name& Resolver::name_of(std::string_view host) {
  const auto found = names_.find(host);
  if (found != names_.end()) return *found->second;
  make_room();
  Name& name = *names_.emplace(std::string(host), std::make_unique<Name>()).first->second;
  if (parse_literal(host, &name.addresses.list[0])) {
    name.addresses.count = 1;
    name.is_literal = true;
  }
  return name;
}

Resolver::Answer Resolver::resolve(std::string_view host, ResolverUser& user) {
  assert(!user.is_waiting_);
  Name& name = name_of(host);
  const uint64_t now_ms = loop_.now_ms();
  const bool is_known = name.addresses.count > 0;
  if (name.is_literal || (is_known && now_ms < name.known_ms + kFreshMs))
    return {State::Known, &name.addresses};
  const bool was_refused = name.refused_ms > 0 && now_ms < name.refused_ms + kRefusedMs;
  if (!was_refused && !name.is_running) name.is_running = start(std::string(host));
  // The last answer serves while the refresh runs.
  if (is_known && now_ms < name.known_ms + kFreshMs + kStaleMs)
    return {State::Known, &name.addresses};
  if (!name.is_running) return {State::Refused, nullptr};
  user.next_waiting_ = name.waiting;
  user.is_waiting_ = true;
  name.waiting = &user;
  return {State::Pending, nullptr};
}

void Resolver::cancel(ResolverUser& user) {
  if (!user.is_waiting_) return;
  for (auto& [host, name] : names_) {
    for (ResolverUser** link = &name->waiting; *link != nullptr; link = &(*link)->next_waiting_) {
      if (*link != &user) continue;
      *link = user.next_waiting_;
      user.is_waiting_ = false;
      return;
    }
  }
  assert(false);
}

bool Resolver::start(const std::string& host) {
  if (running_count_ >= kRunningMax) return false;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  auto* lookup = new Lookup{.request = {}, .resolver = this, .host = host};
  lookup->request.data = lookup;
  const auto on_answer = [](uv_getaddrinfo_t* request, int status, addrinfo* answer) {
    const std::unique_ptr<Lookup> done(static_cast<Lookup*>(request->data));
    done->resolver->finish(done->host, status == 0 ? answer : nullptr);
    uv_freeaddrinfo(answer);
  };
  if (uv_getaddrinfo(loop_.uv(), &lookup->request, on_answer, host.c_str(), nullptr, &hints) != 0) {
    delete lookup;
    return false;
  }
  ++running_count_;
  return true;
}

void Resolver::finish(const std::string& host, const addrinfo* answer) {
  --running_count_;
  Name& name = name_of(host);
  name.is_running = false;
  Addresses fresh;
  for (; answer != nullptr && fresh.count < Addresses::kAddressesMax; answer = answer->ai_next) {
    if (answer->ai_addrlen > sizeof(SocketAddress)) continue;
    std::memcpy(&fresh.list[fresh.count++], answer->ai_addr, answer->ai_addrlen);
  }
  if (fresh.count > 0) {
    name.addresses = fresh;
    name.known_ms = loop_.now_ms();
    name.refused_ms = 0;
  } else {
    name.refused_ms = loop_.now_ms();
  }
  const bool is_usable =
      name.addresses.count > 0 && loop_.now_ms() < name.known_ms + kFreshMs + kStaleMs;
  const Addresses found = name.addresses;
  ResolverUser* waiting = std::exchange(name.waiting, nullptr);
  // A user may cancel another one of the list: each is taken off before it is called.
  while (waiting != nullptr) {
    ResolverUser& user = *waiting;
    waiting = user.next_waiting_;
    user.is_waiting_ = false;
    name_of(host).waiting = waiting;
    user.on_resolved(is_usable ? &found : nullptr);
    waiting = std::exchange(name_of(host).waiting, nullptr);
  }
  loop_.outbox().flush();
}

// Forgets names nobody waits for, so that a changing set of endpoints does not grow for ever.
void Resolver::make_room() {
  if (names_.size() < kNamesMax) return;
  std::erase_if(names_, [](const auto& entry) {
    return !entry.second->is_running && entry.second->waiting == nullptr;
  });
}

}  // namespace apim::net
