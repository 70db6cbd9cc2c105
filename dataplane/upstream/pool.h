// Pool: one worker's connections to backends, kept by endpoint.
//
// The one used last is used next, so that the others grow old and close. At
// most connections_max to an endpoint; requests beyond it wait in a queue of
// the same bound. A connection that comes free, or is opened for anybody, goes
// to whoever waits longest. Nobody waits longer than connect_ms.
//
// Connections are given out at the end of the loop's turn: by then every end and
// every stray byte the loop knew of when the turn began was heard, and such a
// connection is gone. One that came free in this very turn is asked (a system
// call); the others need not be.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "apis_generated.h"
#include "base/metrics.h"
#include "base/result.h"
#include "http/client.h"
#include "net/dial.h"
#include "net/timer.h"

namespace apim::upstream {

struct PoolSettings {
  uint64_t connect_ms = 1'000;
  uint64_t idle_ms = 25'000;
  uint32_t connections_max = 256;
};

class Bucket;

// Somebody who waits for a connection.
class PoolUser : private net::Deadline {
 public:
  virtual void on_connection(http::ClientConnection& connection) = 0;
  virtual void on_no_connection(const Fault& why) = 0;

 protected:
  ~PoolUser() override = default;

 private:
  friend class Bucket;
  friend class Pool;
  void on_due() final;

  PoolUser* next_ = nullptr;
  PoolUser* previous_ = nullptr;
  Bucket* bucket_ = nullptr;  // Null: not waiting.
  bool wants_new_ = false;
};

class Pool {
 public:
  // `tls` may be null: then https endpoints are refused. Everything outlives the pool.
  Pool(net::Loop& loop, net::Resolver& resolver, net::TlsContext* tls, const PoolSettings& settings,
       WorkerMetrics& metrics);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // `user` is called exactly once, never from inside, unless it cancels. `wants_new`: an idle one
  // has just proved stale. Faults: Overloaded (queue full, or, later, no connection came free).
  Result<void> acquire(const fbs::Endpoint& endpoint, PoolUser& user, bool wants_new);
  void cancel(PoolUser& user);

  // Closes what is idle and stops what is being opened. No user waits any more.
  void leave();

 private:
  friend class Bucket;
  Bucket& bucket_of(const fbs::Endpoint& endpoint);
  void grow();

  net::Loop& loop_;
  net::Resolver& resolver_;
  net::TlsContext* tls_;
  PoolSettings settings_;
  WorkerMetrics& metrics_;
  std::vector<std::unique_ptr<Bucket>> buckets_;
  std::vector<Bucket*> table_;  // Open addressing by endpoint key; a power of two.
};

}  // namespace apim::upstream
