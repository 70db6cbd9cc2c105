// SupportWorld: a controller's database and hub in a temporary folder, real ones.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "compile/dump.h"
#include "publish/hub.h"
#include "publish/publisher.h"
#include "store/store.h"

namespace apim::publish {

// A bound for the broken case; nothing waits that long.
inline constexpr int64_t kLongMs = 20'000;

}  // namespace apim::publish

namespace apim::publish::support {

// The value, or the test ends with the problem's text.
template <class T>
T must(Result<T> result) {
  if (!result.has_value()) {
    throw std::runtime_error(result.error().message + ": " + result.error().description);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name = "") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

compile::SigningKey signing_key();
PublisherSettings quick_settings();

// Opens what stands in the folder, or makes it.
std::unique_ptr<store::Store> open_store(const TemporaryFolder& folder);
std::unique_ptr<Hub> open_hub(const TemporaryFolder& folder);

// ---- changes; each answers its epoch

uint64_t deny(store::Store& store, const std::string& address);
// Makes an API of that name and deploys it to "Default" on localhost.
uint64_t deploy(store::Store& store, const std::string& name);
uint64_t add_environment(store::Store& store, const std::string& name);
uint64_t newest_epoch(store::Store& store);

// ---- what the hub says

// The current manifest; signed by signing_key(), every segment there and whole. Anything else fails
// the test.
compile::Manifest current(Hub& hub, const std::string& environment = "Default");
compile::SegmentReader reader(Hub& hub);
// Denied addresses in the current snapshot.
nlohmann::json denied(Hub& hub);

// What the database's newest state compiles to.
compile::Content expected(store::Store& store, const std::string& environment = "Default");

}  // namespace apim::publish::support
