// Image: a synthetic catalog compiled by the real compiler and held as a gateway holds it.

#pragma once

#include <memory>
#include <string>

#include "compile/compile.h"
#include "compile/manifest.h"
#include "compile/synthetic.h"
#include "snapshot/image.h"

namespace apim::bench {

// What a controller publishes of a catalog.
struct Edition {
  compile::Compiled compiled;
  compile::SigningKey key;
  std::string manifest;
};
Edition make_edition(const compile::SyntheticSize& size);

// Checks signature and hashes, verifies every table and reference: all but the reading of files.
std::shared_ptr<const snapshot::Image> load(const Edition& edition);

std::shared_ptr<const snapshot::Image> make_world(const compile::SyntheticSize& size);

// The same for a benchmark, which is called again until it is sure of its time: the last one asked
// for is kept.
std::shared_ptr<const snapshot::Image> kept_world(const compile::SyntheticSize& size);

}  // namespace apim::bench
