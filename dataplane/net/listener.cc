#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "net/resolver.h"

namespace apim::net {
namespace {

constexpr int kBacklog = 1024;

int open_reserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

Address address_of(const SocketAddress& socket_address) {
  Address address;
  if (socket_address.any.sa_family == AF_INET) {
    address.low = uint64_t{0xffff} << 32 | ntohl(socket_address.v4.sin_addr.s_addr);
    return address;
  }
  std::memcpy(&address.high, socket_address.v6.sin6_addr.s6_addr, 8);
  std::memcpy(&address.low, socket_address.v6.sin6_addr.s6_addr + 8, 8);
  address.high = __builtin_bswap64(address.high);
  address.low = __builtin_bswap64(address.low);
  return address;
}

uint16_t port_of(const SocketAddress& address) {
  return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

}  // namespace

Result<ListenSocket> bind_socket(std::string_view host, uint16_t port) {
  SocketAddress address;
  if (!parse_literal(host, &address)) {
    errno = EINVAL;
    return std::unexpected(fault(FaultCode::SystemRefused, "listen address is no IP literal"));
  }
  address = with_port(address, port);
  const bool is_v6 = address.any.sa_family == AF_INET6;
  const int descriptor =
      ::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::unexpected(fault(FaultCode::SystemRefused, "socket"));
  const int on = 1;
  const int off = 0;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  // "[::]" serves IPv4 clients too.
  if (is_v6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  socklen_t length = is_v6 ? sizeof(address.v6) : sizeof(address.v4);
  if (::bind(descriptor, &address.any, length) != 0 ||
      ::getsockname(descriptor, &address.any, &length) != 0) {
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return std::unexpected(fault(FaultCode::SystemRefused, "cannot bind"));
  }
  return ListenSocket{.descriptor = descriptor, .port = port_of(address)};
}

Result<void> start_listening(ListenSocket& socket) {
  assert(socket.descriptor >= 0);
  if (::listen(socket.descriptor, kBacklog) != 0)
    return std::unexpected(fault(FaultCode::SystemRefused, "cannot listen"));
  socket.is_listening = true;
  return {};
}

Result<ListenSocket> listen_socket(std::string_view host, uint16_t port) {
  auto socket = bind_socket(host, port);
  if (!socket) return socket;
  if (const auto listening = start_listening(*socket); !listening) {
    const int error = errno;
    ::close(socket->descriptor);
    errno = error;
    return std::unexpected(listening.error());
  }
  return socket;
}

Listener::Listener(Loop& loop, ListenSocket socket, ListenerOwner& owner)
    : loop_(loop), socket_(socket), owner_(owner), reserve_(open_reserve()) {
  const int status = uv_poll_init(loop.uv(), &poll_, socket_.descriptor);
  assert(status == 0);
  (void)status;
  tenancy.admit(this, reinterpret_cast<uv_handle_t*>(&poll_));
  if (socket_.is_listening) watch();
}

void Listener::open() {
  assert(!socket_.is_listening);
  if (tenancy.leaving()) return;
  socket_.is_listening = true;
  if (!is_paused_) watch();
}

// Not before it listens: the kernel calls a socket that does not "hung up", again and again.
void Listener::watch() {
  const int status = uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    static_cast<Listener*>(handle->data)->accept_batch();
  });
  assert(status == 0);
  (void)status;
}

bool Listener::pause() {
  if (is_paused_ || tenancy.leaving()) return false;
  is_paused_ = true;
  uv_poll_stop(&poll_);
  return true;
}

bool Listener::resume() {
  if (!is_paused_ || tenancy.leaving()) return false;
  is_paused_ = false;
  if (socket_.is_listening) watch();
  return true;
}

void Listener::accept_batch() {
  for (int i = 0; i < kAcceptsPerTurnMax && accept_one(); ++i) {
  }
  loop_.outbox().flush();
}

// False: nothing waits any more.
bool Listener::accept_one() {
  SocketAddress peer;
  socklen_t length = sizeof(peer);
  const int descriptor =
      ::accept4(socket_.descriptor, &peer.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    owner_.on_accepted(descriptor, address_of(peer), port_of(peer));
    return true;
  }
  if (errno == EMFILE || errno == ENFILE) refuse_one();
  // A client that gave up before we came is no reason to stop.
  return errno == ECONNABORTED || errno == EINTR;
}

// Out of descriptors: the next client is turned away rather than left waiting.
void Listener::refuse_one() {
  if (reserve_ < 0) return;
  ::close(reserve_);
  const int descriptor = ::accept4(socket_.descriptor, nullptr, nullptr, SOCK_CLOEXEC);
  if (descriptor >= 0) {
    ::close(descriptor);
    owner_.on_turned_away();
  }
  reserve_ = open_reserve();
  errno = EMFILE;
}

void Listener::leave() {
  if (tenancy.leaving()) return;
  tenancy.leave();
  // Closed here and not in departed(): who comes between the last accept and the close is reset.
  for (int i = 0; i < kBacklog && accept_one(); ++i) {
  }
  ::close(socket_.descriptor);
}

void Listener::departed(Listener* self) {
  if (self->reserve_ >= 0) ::close(self->reserve_);
}

}  // namespace apim::net
