// Office: a whole controller below REST, on SQLite and a directory hub of its own, for tests.

#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "import/project.h"
#include "model/user.h"
#include "publish/hub.h"
#include "publish/publisher.h"
#include "service/context.h"
#include "store/store.h"

namespace apim::service::testing {

class Office {
 public:
  Office();
  ~Office();

  Context& context() { return *context_; }
  store::Store& store() { return *store_; }
  publish::Publisher& publisher() { return *publisher_; }
  const std::filesystem::path& folder() const { return folder_; }

  uint64_t newest_epoch();
  // Actions of the audit log, oldest first.
  std::vector<std::string> audited();

 private:
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<publish::Hub> hub_;
  std::unique_ptr<publish::Publisher> publisher_;
  std::unique_ptr<Context> context_;
};

Caller admin();
Caller with_roles(const std::string& user, const std::vector<std::string>& roles);

// An API document with one endpoint and the plan Gold, unless changed.
nlohmann::json pizza();
import::Project project_of(const nlohmann::json& document,
                           const std::string& environment = "Default");

// The value of a Result that must have one.
template <class T>
T must(model::Result<T> result) {
  if (!result.has_value()) {
    throw std::runtime_error(result.error().message + ": " + result.error().description);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Ready-made steps. Each returns the uuid.
std::string make_api(Office& office, const nlohmann::json& document = pizza());
std::string make_published_api(Office& office, const nlohmann::json& document = pizza());
std::string make_application(Office& office, const Caller& caller, const std::string& name);

}  // namespace apim::service::testing
