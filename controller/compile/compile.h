// Compile: a catalog becomes the segments of a snapshot.
//
// Pure: no database, no files, no clock. Deterministic: the same catalog and
// the same `now_s` give the same bytes, whether compiled at once or change by
// change. An API that cannot be compiled completely is quarantined; the
// others are not held up.
//
//   catalog ── operations, plan, endpoints ──> apis (shards)      ┐
//           ── routes (contexts of all APIs) ──> routes           │
//           ── policies, deny conditions ──> limits               ├──> Compiled
//           ── applications, subscriptions ──> consumers (shards) │
//           ── API keys ──> keys (shards)                         ┘

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "compile/report.h"
#include "compile/segment.h"
#include "model/catalog.h"

namespace apim::compile {

struct Options {
  int64_t now_s = 0;            // Keys that expired by then are left out.
  bool allow_metadata = false;  // Endpoints on link-local and cloud metadata addresses.
};

struct Compiled {
  Content content;  // The whole snapshot's list.
  std::vector<SegmentFile>
      fresh;      // Those that differ from the result before (all, the first time).
  Report report;  // Of the whole catalog, not of the change only.
};

// Everything, once.
Compiled compile(const model::Catalog& catalog, const Options& options);

// Keeps the last result and recompiles only the shards that changed aggregates touch. One
// environment each.
class Compiler {
 public:
  Compiler();
  ~Compiler();
  Compiler(Compiler&&) noexcept;
  Compiler& operator=(Compiler&&) noexcept;

  // Forgets what it knows and compiles everything.
  Compiled all(const model::Catalog& catalog, const Options& options);

  // `catalog` is the state after `changes`, all of which must be named. Equal to all() byte for
  // byte. Before the first all(), and for a change of kind Everything, it is all().
  Compiled changes(const model::Catalog& catalog, std::span<const model::Change> changes,
                   const Options& options);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace apim::compile
