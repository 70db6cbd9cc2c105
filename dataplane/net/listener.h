// Listener: a listening socket of one worker, with its own accept loop.
//
// Each worker binds its own SO_REUSEPORT socket, so the kernel spreads the
// connections and no lock is shared. Accepting is ours, in bounded batches:
// libuv 1.44's accept loop can spin for ever when descriptors run out. A
// reserve descriptor lets us turn clients away then instead of ignoring them.
//
// Binding takes the port, listening joins the group among which the kernel
// spreads: a process that is not ready yet binds only, and is sent nothing.

#pragma once

#include <uv.h>

#include <cstdint>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/tenancy.h"

namespace apim::net {

// A bound, non-blocking socket. The caller closes it or gives it to a Listener.
struct ListenSocket {
  int descriptor = -1;
  uint16_t port = 0;  // The real one when 0 was asked for.
  bool is_listening = false;
};

// `host` is an IP literal. Faults: SystemRefused, with errno set.
Result<ListenSocket> bind_socket(std::string_view host, uint16_t port);
// Faults: SystemRefused, with errno set.
Result<void> start_listening(ListenSocket& socket);
// Both. Nothing stays open after a fault.
Result<ListenSocket> listen_socket(std::string_view host, uint16_t port);

class ListenerOwner {
 public:
  // A new connection, non-blocking and close-on-exec; the owner closes it or adopts it.
  virtual void on_accepted(int descriptor, const Address& peer, uint16_t peer_port) = 0;
  // A client was turned away: the process has no descriptor for it.
  virtual void on_turned_away() = 0;

 protected:
  ~ListenerOwner() = default;
};

class Listener {
 public:
  static constexpr int kAcceptsPerTurnMax = 64;

  // Takes the socket over. One that listens already is served at once, another after open().
  Listener(Loop& loop, ListenSocket socket, ListenerOwner& owner);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The loop's thread, once the socket listens.
  void open();
  // Leaves clients waiting in the kernel's queue, until resume(). False: nothing changed.
  bool pause();
  bool resume();

  // Accepts what already waits, then closes the socket: nobody in the queue is reset.
  void leave();

  uint16_t port() const { return socket_.port; }

  Tenancy<Listener, 1> tenancy;
  static void departed(Listener* self);

 private:
  void watch();
  void accept_batch();
  bool accept_one();
  void refuse_one();

  Loop& loop_;
  ListenSocket socket_;
  ListenerOwner& owner_;
  int reserve_;
  bool is_paused_ = false;
  uv_poll_t poll_;
};

}  // namespace apim::net
