#include "snapshot/fetcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "snapshot/image_builder.h"

namespace apim::snapshot {
namespace {

Bytes copy_of(std::span<const uint8_t> file) {
  Bytes bytes(file.size());
  std::ranges::copy(file, bytes.data());
  return bytes;
}

// Whether the manifest may follow the standing one; false: it is the standing one.
Checked<bool> check_epoch(const Manifest& manifest, const Standing& standing) {
  if (standing.image == nullptr || manifest.epoch > standing.image->epoch()) return true;
  if (manifest.digest == standing.manifest_digest) return false;
  if (manifest.epoch == standing.image->epoch()) {
    return refuse(FaultCode::SnapshotOld,
                  fmt::format("epoch {} was adopted with another content", manifest.epoch));
  }
  return refuse(FaultCode::SnapshotOld, fmt::format("epoch {} is older than {}, which is served",
                                                    manifest.epoch, standing.image->epoch()));
}

// A file that is longer than the signed manifest says is no passing trouble of the hub.
FetchError failed(const FileError& error, uint64_t epoch) {
  if (error.is_too_large) return {Refusal{FaultCode::SnapshotCorrupt, error.reason}, epoch};
  return {error, epoch};
}

}  // namespace

std::expected<Bytes, FileError> Fetcher::read_segment(const SegmentRef& ref,
                                                      const Standing& standing,
                                                      Source* source_or_null, Fetched& fetched) {
  if (standing.image != nullptr) {
    const std::span<const uint8_t> held = ImageBuilder::file_of(*standing.image, ref.digest);
    if (!held.empty()) return copy_of(held);
  }
  auto cached = cache_.segment(ref);
  if (cached && crypto::sha256(cached->view()) == ref.digest) return cached;
  if (cached || !cached.error().is_missing) cache_.forget(ref);
  if (source_or_null == nullptr) {
    return std::unexpected(
        cached ? FileError{.reason = fmt::format("the cached {} is damaged", ref.text())}
               : cached.error());
  }
  auto bytes = source_or_null->segment(ref);
  if (!bytes) return bytes;
  ++fetched.segments_read;
  fetched.bytes_read += bytes->size();
  return bytes;
}

std::expected<std::optional<Fetched>, FetchError> Fetcher::fetch(const Bytes& manifest_file,
                                                                 const Standing& standing,
                                                                 Source* source_or_null) {
  auto manifest = check_manifest(manifest_file, key_, environment_);
  if (!manifest) return std::unexpected(FetchError{manifest.error(), 0});
  const uint64_t epoch = manifest->epoch;
  const auto is_new = check_epoch(*manifest, standing);
  if (!is_new) return std::unexpected(FetchError{is_new.error(), epoch});
  if (!*is_new) return std::nullopt;

  Fetched fetched{.image = nullptr, .manifest_digest = manifest->digest};
  ImageBuilder builder(std::move(*manifest), standing.image);
  for (const SegmentRef& ref : builder.missing()) {
    auto bytes = read_segment(ref, standing, source_or_null, fetched);
    if (!bytes) return std::unexpected(failed(bytes.error(), epoch));
    if (auto taken = builder.take(ref, std::move(*bytes)); !taken)
      return std::unexpected(FetchError{taken.error(), epoch});
  }
  auto image = builder.build();
  if (!image) return std::unexpected(FetchError{image.error(), epoch});
  fetched.image = std::move(*image);
  return fetched;
}

std::expected<void, FileError> Fetcher::keep(const Bytes& manifest_file, const Image& image) {
  std::vector<CacheDisk::Entry> entries;
  for (const Image::SegmentInfo& info : image.segments()) {
    entries.push_back({.digest = info.digest, .file = ImageBuilder::file_of(image, info.digest)});
  }
  return cache_.store(manifest_file.view(), entries);
}

}  // namespace apim::snapshot
