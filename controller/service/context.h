// Context: what the verbs work on, and how a verb changes something.
//
// A change is one write transaction: rules, rows, the audit entry and the outbox row commit
// together or not at all; afterwards the publisher is woken. Any thread may call any verb.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "model/problem.h"
#include "model/user.h"
#include "publish/publisher.h"
#include "service/permission.h"
#include "store/audit.h"
#include "store/store.h"

namespace apim::service {

using model::Caller;
using model::Result;
using store::Transaction;

struct Context {
  store::Store& store;
  publish::Publisher& publisher;
  publish::Hub& hub;
  bool allow_metadata = false;         // endpoints on link-local and cloud metadata addresses
  std::atomic<bool> stopping = false;  // ends what waits
};

// What a change gives back, and the epoch from which gateways know it.
template <class T>
struct Changed {
  T value;
  uint64_t epoch = 0;
};
using Nothing = std::monostate;

// Appends to the audit log within the change's transaction. `target` is for people: "API
// 'pizza' 1.0.0".
Result<void> note(Transaction& tx, const Caller& caller, const std::string& action,
                  const std::string& target);

// Checks the permission, runs `work(Transaction&) -> Result<T>` in one write transaction, wakes the
// publisher.
template <class Work>
auto change(Context& context, const Caller& caller, const Permission& permission, Work&& work)
    -> Result<Changed<typename std::invoke_result_t<Work&, Transaction&>::value_type>> {
  using T = typename std::invoke_result_t<Work&, Transaction&>::value_type;
  CHECK_OR_REFUSE(permit(caller, permission));
  auto done = context.store.write([&](Transaction& tx) -> Result<Changed<T>> {
    ASSIGN_OR_REFUSE(T value, work(tx));
    ASSIGN_OR_REFUSE(const uint64_t epoch, tx.epoch());
    return Changed<T>{std::move(value), epoch};
  });
  if (done.has_value()) context.publisher.wake();
  return done;
}

// Checks the permission and runs `work(Transaction&) -> Result<T>` on one consistent state.
template <class Work>
auto look(Context& context, const Caller& caller, const Permission& permission, Work&& work)
    -> std::invoke_result_t<Work&, Transaction&> {
  CHECK_OR_REFUSE(permit(caller, permission));
  return context.store.read(std::forward<Work>(work));
}

}  // namespace apim::service
