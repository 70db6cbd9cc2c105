#include "net/plain.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace apim::net {
namespace {

// Below this, copying parts into one costs less than the kernel's walk over a list of them.
constexpr size_t kGatheredBytesMax = 2048;

// Payload calls are syscall() and not the C library's functions: those are cancellation points, and
// two atomic operations a call pay for threads that nobody cancels.

// What a sending call came to: bytes, 0 when the socket takes none now, or libuv's error.
template <class Call>
ssize_t outcome_of(Call call) {
  while (true) {
    const long sent = call();
    if (sent >= 0) return sent;
    if (errno == EAGAIN || errno == ENOBUFS) return 0;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace

// A queued rest: the request and its bytes in one block, given back in its callback.
struct PlainStream::Write {
  uv_write_t request;
  char bytes[1];
};

Result<PlainStream*> PlainStream::adopt(Loop& loop, int descriptor) {
  auto* self = new PlainStream(loop);
  const int status = uv_tcp_init(loop.uv(), &self->tcp_);
  assert(status == 0);
  (void)status;
  self->tenancy.admit(self, reinterpret_cast<uv_handle_t*>(&self->tcp_));
  if (uv_tcp_open(&self->tcp_, descriptor) != 0) {
    ::close(descriptor);
    self->leave();
    return std::unexpected(fault(FaultCode::SystemRefused, "uv_tcp_open"));
  }
  self->descriptor_ = descriptor;
  uv_tcp_nodelay(&self->tcp_, 1);
  return self;
}

Result<PlainStream*> PlainStream::connect(Loop& loop, const sockaddr* address, StreamOwner* owner) {
  auto* self = new PlainStream(loop);
  const int made = uv_tcp_init(loop.uv(), &self->tcp_);
  assert(made == 0);
  (void)made;
  self->tenancy.admit(self, reinterpret_cast<uv_handle_t*>(&self->tcp_));
  self->owner_ = owner;
  self->connect_.data = self;
  const int status =
      uv_tcp_connect(&self->connect_, &self->tcp_, address, [](uv_connect_t* request, int error) {
        auto* stream = static_cast<PlainStream*>(request->data);
        if (stream->tenancy.leaving() || stream->owner_ == nullptr) return;
        if (error != 0) {
          stream->owner_->on_broken(error);
        } else {
          stream->owner_->on_connected();
        }
        stream->loop_.outbox().flush();
      });
  if (status != 0) {
    self->leave();
    const bool is_ours = status == UV_EMFILE || status == UV_ENFILE || status == UV_ENOBUFS ||
                         status == UV_ENOMEM || status == UV_EADDRNOTAVAIL;
    return std::unexpected(
        fault(is_ours ? FaultCode::Overloaded : FaultCode::BackendRefused, "uv_tcp_connect"));
  }
  uv_fileno(reinterpret_cast<const uv_handle_t*>(&self->tcp_), &self->descriptor_);
  uv_tcp_nodelay(&self->tcp_, 1);
  return self;
}

void PlainStream::write(std::span<const uv_buf_t> parts) {
  if (tenancy.leaving() || error_ != 0) return;
  // Behind what is queued, order demands the queue.
  const ssize_t sent = queued_bytes() == 0 ? send(parts) : 0;
  if (sent < 0) return break_later(static_cast<int>(sent));
  queue(parts, static_cast<size_t>(sent));
}

// Bytes sent, 0 when the socket takes none now, or libuv's error.
ssize_t PlainStream::send(std::span<const uv_buf_t> parts) const {
  if (parts.size() == 1) return send_one({parts[0].base, parts[0].len});
  size_t total = 0;
  for (const uv_buf_t& part : parts) total += part.len;
  std::array<char, kGatheredBytesMax> gathered;
  if (total <= gathered.size()) {
    char* at = gathered.data();
    for (const uv_buf_t& part : parts) at = std::copy_n(part.base, part.len, at);
    return send_one({gathered.data(), total});
  }
  // uv_buf_t is an iovec here; libuv promises it.
  static_assert(sizeof(uv_buf_t) == sizeof(iovec));
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(reinterpret_cast<const iovec*>(parts.data()));
  message.msg_iovlen = parts.size();
  return outcome_of([&] { return ::syscall(SYS_sendmsg, descriptor_, &message, MSG_NOSIGNAL); });
}

ssize_t PlainStream::send_one(std::string_view bytes) const {
  return outcome_of([&] {
    return ::syscall(SYS_sendto, descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
  });
}

void PlainStream::queue(std::span<const uv_buf_t> parts, size_t skip) {
  size_t total = 0;
  for (const uv_buf_t& part : parts) total += part.len;
  assert(skip <= total);
  if (skip == total) return;
  auto* block = static_cast<Write*>(std::malloc(sizeof(Write) + total - skip));
  if (block == nullptr) std::abort();
  char* at = block->bytes;
  for (const uv_buf_t& part : parts) {
    const size_t skipped = skip < part.len ? skip : part.len;
    std::memcpy(at, part.base + skipped, part.len - skipped);
    at += part.len - skipped;
    skip -= skipped;
  }
  uv_buf_t rest = uv_buf_init(block->bytes, static_cast<unsigned>(at - block->bytes));
  const int status =
      uv_write(&block->request, stream(), &rest, 1, [](uv_write_t* request, int error) {
        auto* self = static_cast<PlainStream*>(request->handle->data);
        std::free(reinterpret_cast<Write*>(request));
        self->on_written(error);
      });
  if (status == 0) return;
  std::free(block);
  break_later(status);
}

void PlainStream::on_written(int status) {
  if (tenancy.leaving() || owner_ == nullptr) return;
  if (status != 0) return break_later(status);
  if (!was_congested_ || queued_bytes() > kLowBytes) return;
  was_congested_ = false;
  owner_->on_drained();
  loop_.outbox().flush();
}

void PlainStream::read_start() {
  if (is_reading_ || tenancy.leaving()) return;
  is_reading_ = true;
  // No buffer: libuv calls back without reading (UV_ENOBUFS).
  const int status = uv_read_start(
      stream(), [](uv_handle_t*, size_t, uv_buf_t* buffer) { *buffer = uv_buf_init(nullptr, 0); },
      [](uv_stream_t* handle, ssize_t, const uv_buf_t*) {
        static_cast<PlainStream*>(handle->data)->on_readable();
      });
  if (status != 0) break_later(status);
}

void PlainStream::read_stop() {
  if (!is_reading_ || tenancy.leaving()) return;
  is_reading_ = false;
  uv_read_stop(stream());
}

bool PlainStream::may_read() {
  if (read_turn_ != loop_.turn()) {
    read_turn_ = loop_.turn();
    turn_bytes_ = 0;
    turn_reads_ = 0;
  }
  return ++turn_reads_ <= kReadsPerTurnMax && turn_bytes_ < kReadBytesPerTurnMax;
}

void PlainStream::on_readable() {
  const auto scratch = loop_.scratch();
  while (is_reading_ && owner_ != nullptr && error_ == 0 && may_read()) {
    const ssize_t count =
        ::syscall(SYS_recvfrom, descriptor_, scratch.data(), scratch.size(), 0, nullptr, nullptr);
    if (count <= 0) {
      if (count == 0) return on_read_end();
      if (errno == EINTR) continue;
      return errno == EAGAIN ? void() : on_read_fault(-errno);
    }
    turn_bytes_ += static_cast<size_t>(count);
    owner_->on_bytes({scratch.data(), static_cast<size_t>(count)});
    loop_.outbox().flush();
    // What came meanwhile is told in the next turn.
    if (static_cast<size_t>(count) < scratch.size()) return;
  }
}

void PlainStream::on_read_end() {
  if (is_reset()) return on_read_fault(UV_ECONNRESET);
  read_stop();
  owner_->on_end();
  loop_.outbox().flush();
}

void PlainStream::on_read_fault(int error) {
  read_stop();
  error_ = error;
  owner_->on_broken(error_);
  loop_.outbox().flush();
}

void PlainStream::shutdown() {
  if (tenancy.leaving() || error_ != 0) return;
  loop_.outbox().flush();
  auto* request = new uv_shutdown_t;
  const int status = uv_shutdown(request, stream(), [](uv_shutdown_t* done, int) {
    auto* self = static_cast<PlainStream*>(done->handle->data);
    delete done;
    if (!self->tenancy.leaving() && self->owner_ != nullptr) self->owner_->on_shut();
  });
  if (status != 0) delete request;
}

void PlainStream::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  leave();
}

void PlainStream::leave() {
  owner_ = nullptr;
  loop_.outbox().forget(*this);
  loop_.forget(*this);
  tenancy.leave();
}

bool PlainStream::has_unread() const {
  if (error_ != 0) return true;
  char byte;
  const ssize_t count = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

// A reset whose error another call already took reads like an ordinary end.
bool PlainStream::is_reset() const {
  tcp_info info{};
  socklen_t length = sizeof(info);
  return ::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
         info.tcpi_state == TCP_CLOSE;
}

void PlainStream::break_later(int error) {
  if (error_ != 0) return;
  error_ = error;
  loop_.later(*this);
}

void PlainStream::on_later() {
  if (tenancy.leaving() || owner_ == nullptr) return;
  owner_->on_broken(error_);
}

}  // namespace apim::net
