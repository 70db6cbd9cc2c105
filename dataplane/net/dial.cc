#include "net/dial.h"

#include <cassert>
#include <utility>

#include "net/plain.h"
#include "net/tls.h"

namespace apim::net {

Dial* Dial::start(Loop& loop, Resolver& resolver, const DialTarget& target, TlsContext* tls,
                  DialOwner& owner) {
  auto* self = new Dial(loop, resolver, target, tls, owner);
  loop.arm_in(*self, target.timeout_ms);
  loop.later(
      *self);  // Begins at the end of the turn, so that the owner is never called from in here.
  return self;
}

void Dial::on_later() {
  if (is_over_) {
    delete this;
    return;
  }
  if (is_begun_) return;
  is_begun_ = true;
  if (target_.tls && tls_ == nullptr)
    return fail(fault(FaultCode::BackendRefused, "https without a TLS context"));
  const Resolver::Answer answer = resolver_.resolve(target_.host, *this);
  if (answer.state == Resolver::State::Pending) return;
  on_resolved(answer.addresses);
}

void Dial::on_resolved(const Addresses* addresses_or_null) {
  if (is_over_) return;
  if (addresses_or_null == nullptr)
    return fail(fault(FaultCode::BackendRefused, "host does not resolve"));
  addresses_ = *addresses_or_null;
  try_next();
}

void Dial::try_next() {
  while (tried_count_ < addresses_.count) {
    const SocketAddress address = with_port(addresses_.list[tried_count_++], target_.port);
    const auto plain = PlainStream::connect(loop_, &address.any, this);
    if (!plain && plain.error().code == FaultCode::Overloaded) return fail(plain.error());
    if (!plain) continue;
    stream_ = *plain;
    return;
  }
  fail(fault(FaultCode::BackendRefused, "no address accepts connections"));
}

void Dial::on_connected() {
  if (target_.tls && tls_ != nullptr) {
    // Wraps the plain stream; on_connected() comes again after the handshake.
    TlsContext* tls = std::exchange(tls_, nullptr);
    stream_ = tls->secure(stream_, target_.host, *this);
    if (stream_ == nullptr) fail(fault(FaultCode::BackendRefused, "TLS could not begin"));
    return;
  }
  Stream* stream = std::exchange(stream_, nullptr);
  stream->set_owner(nullptr);
  DialOwner* owner = owner_;
  end();
  owner->on_dialed(*this, stream);
}

void Dial::on_end() { on_broken(UV_EOF); }

void Dial::on_broken(int) {
  if (stream_ != nullptr) std::exchange(stream_, nullptr)->leave();
  const bool was_securing = target_.tls && tls_ == nullptr;
  if (was_securing)
    return fail(fault(FaultCode::BackendRefused, "TLS handshake or certificate refused"));
  try_next();
}

void Dial::on_due() { fail(fault(FaultCode::BackendConnectTimeout, "connecting took too long")); }

void Dial::fail(const Fault& why) {
  if (is_over_) return;
  DialOwner* owner = owner_;
  end();
  owner->on_dial_failed(*this, why);
}

void Dial::abandon() {
  if (!is_over_) end();
}

void Dial::end() {
  is_over_ = true;
  is_begun_ = true;
  loop_.disarm(*this);
  resolver_.cancel(*this);
  if (stream_ != nullptr) std::exchange(stream_, nullptr)->leave();
  loop_.later(*this);
}

}  // namespace apim::net
