#include "bench/world/image.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include "snapshot/image_builder.h"
#include "snapshot/manifest.h"

namespace apim::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fputs(("bench: " + why + "\n").c_str(), stderr);
  std::abort();
}

snapshot::Bytes bytes_of(const std::string& text) {
  snapshot::Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

const compile::SegmentFile& file_of(const compile::Compiled& compiled,
                                    const layout::Digest& digest) {
  for (const compile::SegmentFile& file : compiled.fresh) {
    if (file.ref.digest == digest) return file;
  }
  give_up("the manifest names a segment that was not compiled");
}

}  // namespace

Edition make_edition(const compile::SyntheticSize& size) {
  Edition edition{.compiled = compile::compile(compile::synthetic_catalog(size), {}),
                  .key = compile::signing_key_from_seed({}),
                  .manifest = {}};
  if (!edition.compiled.report.empty()) give_up(compile::to_text(edition.compiled.report));
  compile::Manifest manifest;
  manifest.environment = "Default";
  manifest.epoch = 1;
  manifest.content = edition.compiled.content;
  edition.manifest = compile::write_manifest(manifest, edition.key);
  return edition;
}

std::shared_ptr<const snapshot::Image> load(const Edition& edition) {
  const auto checked =
      snapshot::check_manifest(bytes_of(edition.manifest), edition.key.public_key, "Default");
  if (!checked) give_up(checked.error().reason);
  snapshot::ImageBuilder builder(*checked, nullptr);
  for (const auto& ref : builder.missing()) {
    const auto taken = builder.take(ref, bytes_of(file_of(edition.compiled, ref.digest).bytes));
    if (!taken) give_up(taken.error().reason);
  }
  auto image = builder.build();
  if (!image) give_up(image.error().reason);
  return *image;
}

std::shared_ptr<const snapshot::Image> make_world(const compile::SyntheticSize& size) {
  return load(make_edition(size));
}

std::shared_ptr<const snapshot::Image> kept_world(const compile::SyntheticSize& size) {
  static compile::SyntheticSize kept_size;
  static std::shared_ptr<const snapshot::Image> kept;
  const auto numbers = [](const compile::SyntheticSize& of) {
    return std::tuple(of.apis, of.applications, of.keys);
  };
  if (kept == nullptr || numbers(kept_size) != numbers(size)) {
    kept = make_world(size);
    kept_size = size;
  }
  return kept;
}

}  // namespace apim::bench
