// Edition: one environment's catalog, what it compiled to, and what of that the hub has.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "compile/manifest.h"
#include "model/catalog.h"
#include "publish/hub.h"

namespace apim::publish {

class Edition {
 public:
  explicit Edition(std::string environment) : environment_(std::move(environment)) {}

  const std::string& environment() const { return environment_; }
  model::Catalog& catalog() { return catalog_; }
  const compile::Report& report() const { return report_; }
  const compile::Content& content() const { return content_; }
  uint64_t published() const { return published_; }  // 0: not known to be in the hub.

  // After catalog() was filled for the first time, or brought up to date by `changes`.
  void compile_all(const compile::Options& options);
  void compile(std::span<const model::Change> changes, const compile::Options& options);

  // Puts what the hub lacks of it, without a manifest.
  Result<void> complete(Hub& hub);

  // Makes the hub's current manifest this edition's when it says the same: nothing is to be
  // published.
  void take_as_published(uint64_t epoch);

  // Puts what the hub lacks, then a manifest with this epoch. Safe to call again after a failure.
  Result<void> publish(Hub& hub, const compile::SigningKey& key, uint64_t epoch,
                       const compile::Options& options);

  // Somebody else's content stands in the hub under this epoch (a rollback).
  void note_published(uint64_t epoch) { published_ = epoch; }

 private:
  void take(compile::Compiled compiled);
  bool is_complete(Hub& hub) const;  // The hub has or will be given every segment.

  std::string environment_;
  model::Catalog catalog_;
  compile::Compiler compiler_;
  compile::Content content_;
  compile::Report report_;
  std::vector<compile::SegmentFile> pending_;  // Compiled and not yet handed to the hub.
  uint64_t published_ = 0;
};

// Wall clock, for people.
int64_t now_ms();

}  // namespace apim::publish
