// Dial: opens one connection to a host: resolves, tries its addresses in turn, secures it if asked.
//
// Bounded by one deadline for all of it. An https endpoint without a TLS
// context fails; it is never spoken to in clear text. Frees itself at the end
// of the turn in which it has told its owner, or was abandoned.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/stream.h"

namespace apim::net {

class TlsContext;

struct DialTarget {
  std::string
      host;  // Name or IP literal without brackets; also the name the certificate must have.
  uint16_t port = 0;
  bool tls = false;
  uint64_t timeout_ms = 1'000;
};

class DialOwner {
 public:
  // Exactly one of the two, never from inside Dial::start().
  virtual void on_dialed(class Dial& dial, Stream* stream) = 0;
  virtual void on_dial_failed(class Dial& dial, const Fault& why) = 0;

 protected:
  ~DialOwner() = default;
};

class Dial final : private StreamOwner, private ResolverUser, private Deadline, private Later {
 public:
  // `tls` may be null: then only clear-text targets can be reached. `target` outlives the dial.
  static Dial* start(Loop& loop, Resolver& resolver, const DialTarget& target, TlsContext* tls,
                     DialOwner& owner);
  // The owner is not called any more.
  void abandon();

  Dial* next = nullptr;  // The owner's list.
  Dial* previous = nullptr;

 private:
  Dial(Loop& loop, Resolver& resolver, const DialTarget& target, TlsContext* tls, DialOwner& owner)
      : loop_(loop), resolver_(resolver), target_(target), tls_(tls), owner_(&owner) {}
  ~Dial() override = default;

  void on_resolved(const Addresses* addresses_or_null) override;
  void on_connected() override;
  void on_bytes(std::string_view) override {}
  void on_end() override;
  void on_broken(int error) override;
  void on_due() override;
  void on_later() override;
  void try_next();
  void end();
  void fail(const Fault& why);

  Loop& loop_;
  Resolver& resolver_;
  const DialTarget& target_;
  TlsContext* tls_;
  DialOwner* owner_;
  Stream* stream_ = nullptr;
  Addresses addresses_;
  size_t tried_count_ = 0;
  bool is_begun_ = false;
  bool is_over_ = false;
};

}  // namespace apim::net
