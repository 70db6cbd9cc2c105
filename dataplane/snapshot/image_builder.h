// ImageBuilder: makes an Image out of a checked manifest, the segments of the image before, and
// those that are missing.
//
//   ImageBuilder(manifest, previous) -> missing() -> take() each -> build()

#pragma once

#include <memory>
#include <vector>

#include "snapshot/image.h"
#include "snapshot/manifest.h"
#include "snapshot/refusal.h"
#include "snapshot/segment.h"

namespace apim::snapshot {

class ImageBuilder {
 public:
  // `previous_or_null` lends its unchanged segments and what was proven about them; not needed
  // after build().
  ImageBuilder(Manifest manifest, std::shared_ptr<const Image> previous_or_null);

  // What take() has to be called for.
  std::vector<SegmentRef> missing() const;

  // The bytes of a missing segment. Everything about it alone is checked here.
  Checked<void> take(const SegmentRef& ref, Bytes file);

  // Checks what segments must agree on: every id that one names is there in the other, at the right
  // level. Precondition: nothing is missing any more.
  Checked<std::shared_ptr<const Image>> build();

  // The file of a segment of `image` with that digest, or an empty span.
  static std::span<const uint8_t> file_of(const Image& image, const layout::Digest& digest);

 private:
  void point_at_tables(Image& image) const;
  Checked<void> check_references(const Image& image) const;

  Manifest manifest_;
  std::shared_ptr<const Image> previous_;
  std::vector<std::shared_ptr<const Segment>> segments_;  // As manifest_.segments; null: missing.
};

}  // namespace apim::snapshot
