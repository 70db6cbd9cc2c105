// Hub: a directory hub in a temporary folder, written as the controller writes it.

#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "support/world.h"

namespace apim::test {

// Removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "apim-snapshot-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline void write_file(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path + ".tmp", std::ios::binary) << text;
  std::filesystem::rename(path + ".tmp", path);
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Hub {
 public:
  explicit Hub(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string segment_path(const layout::Digest& digest) const {
    const std::string hex = compile::to_hex(digest);
    return path_ + "/segments/" + hex.substr(0, 2) + "/" + hex + ".seg";
  }
  static std::string manifest_name(uint64_t epoch) {
    std::string digits = std::to_string(epoch);
    return std::string(20 - digits.size(), '0') + digits + ".manifest";
  }

  void put_segments(const Published& published) {
    for (const compile::SegmentFile& file : published.compiled.fresh)
      write_file(segment_path(file.ref.digest), file.bytes);
  }
  void put_manifest(uint64_t epoch, std::string_view manifest) {
    write_file(path_ + "/manifests/Default/" + manifest_name(epoch), manifest);
    write_file(path_ + "/manifests/Default/CURRENT", manifest_name(epoch) + "\n");
  }
  Published put(const model::Catalog& catalog, uint64_t epoch) {
    Published published = publish(catalog, epoch);
    put_segments(published);
    put_manifest(epoch, published.manifest);
    return published;
  }

 private:
  std::string path_;
};

// A world with something of every kind.
inline World full_world() {
  World world;
  for (uint32_t id = 1; id <= 3; ++id) {
    model::Api& api = world.add_api(
        id, "api" + std::to_string(id),
        {operation(model::Verb::Get, "/menu"), operation(model::Verb::Post, "/menu"),
         operation(model::Verb::Get, "/order/{id}"), operation(model::Verb::Get, "/f/{n}.json"),
         operation(model::Verb::Get, "/all/*"), operation(model::Verb::Get, "*.xml")});
    api.operations[0].throttling_policy = "resource";
    api.operations[3].auth = model::AuthType::None;
    api.production_max_tps = per_minute(100);
    api.operations[1].policies.request.push_back(
        {.name = "addHeader",
         .version = "v1",
         .type = "common",
         .parameters = {{"headerName", "X-A"}, {"headerValue", "1"}}});
  }
  world.add_policy(1, model::PolicyLevel::Advanced, "resource", per_minute(10));
  world.add_policy(2, model::PolicyLevel::Subscription, "gold", per_minute(20)).burst =
      per_minute(5);
  world.add_policy(3, model::PolicyLevel::Application, "app", per_minute(30));
  for (uint32_t id = 1; id <= 4; ++id) {
    world.add_application(id).throttling_policy = "app";
    world.subscribe(id, 1, "gold");
    world.subscribe(id, 2, "gold");
    world.add_key(id, "key-" + std::to_string(id));
    world.add_key(id, "other-" + std::to_string(id)).permitted_ips = "10.0.0.0/8, 192.168.0.1";
  }
  const auto deny = [](uint32_t id, model::DenyCondition::Kind kind, std::string value) {
    return model::DenyCondition{.id = id,
                                .uuid = "d" + std::to_string(id),
                                .tenant = "carbon.super",
                                .kind = kind,
                                .value = std::move(value),
                                .last = "",
                                .inverted = false,
                                .enabled = true};
  };
  world.catalog.denies = {deny(1, model::DenyCondition::Kind::Api, "/x/1"),
                          deny(2, model::DenyCondition::Kind::Api, "/y/1"),
                          deny(3, model::DenyCondition::Kind::Ip, "10.9.9.9"),
                          deny(4, model::DenyCondition::Kind::Ip, "10.9.9.1")};
  return world;
}

}  // namespace apim::test
