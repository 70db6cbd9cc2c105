// StoreTest: the base of the store's tests: a fresh, migrated store, once on SQLite and once on
// PostgreSQL, and samples to put into it.

#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "controller/store/support_postgres.h"
#include "model/api.h"
#include "model/consumer.h"
#include "model/policy.h"
#include "store/store.h"

namespace apim::store {

inline const std::string kTenant = "carbon.super";

// The value, or the test ends with the problem's text.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(result.error().message + ": " + result.error().description);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The problem, or the test ends.
template <class T>
Problem refused(Result<T> result) {
  if (result) throw std::runtime_error("this was expected to be refused");
  return std::move(result.error());
}

// Runs in a child process that ends in _exit(0), or as `work` ends it. Answers its wait status.
int in_child(const std::function<void()>& work);

class StoreTest : public ::testing::TestWithParam<Dialect> {
 protected:
  StoreTest();
  ~StoreTest() override;

  // One write transaction whose work must succeed.
  template <class Work>
  auto write(Work work) {
    return must(store_->write(work));
  }
  template <class Work>
  auto read(Work work) {
    return must(store_->read(work));
  }
  // One whose work must be refused.
  template <class Work>
  Problem refusal(Work work) {
    return refused(store_->write(work));
  }

  // A new, empty database of the dialect under test.
  std::string new_url(const std::string& name);
  DatabaseSettings settings_of(const std::string& url) const;
  StoreSettings settings() const;

  std::vector<std::string> databases_;  // of this test, in the server
  std::string url_;               // of store_
  std::unique_ptr<Store> store_;  // both roles in one database
  std::filesystem::path folder_;  // of this test; removed at its end
  inline static std::atomic<int64_t> now_ms_ = 1'700'000'000'000;
};

inline std::string dialect_name(const ::testing::TestParamInfo<Dialect>& tested) {
  return tested.param == Dialect::Sqlite ? "Sqlite" : "Postgres";
}

// Declares suite `name` over StoreTest and runs it on the databases that follow.
#define STORE_SUITE_ON(name, ...)   \
  class name : public StoreTest {}; \
  INSTANTIATE_TEST_SUITE_P(, name, ::testing::Values(__VA_ARGS__), dialect_name)
#define STORE_SUITE(name) STORE_SUITE_ON(name, Dialect::Sqlite, Dialect::Postgres)

// ---- samples

model::Api sample_api(const std::string& name, const std::string& version = "1.0.0");
model::Application sample_application(const std::string& name, const std::string& owner = "bob");
model::Subscription sample_subscription(const model::Api& api,
                                        const model::Application& application,
                                        const std::string& policy = "Gold");
model::ApiKey sample_key(const model::Application& application, const std::string& name,
                         uint8_t seed);
model::ThrottlePolicy sample_policy(model::PolicyLevel level, const std::string& name);

// Everything of a value as one text, so that two can be compared and their difference read.
std::string dump(const model::Api& api);
std::string dump(const model::Application& application);
std::string dump(const model::Subscription& subscription);
std::string dump(const model::ApiKey& key);
std::string dump(const model::ThrottlePolicy& policy);
std::string dump(const model::DenyCondition& deny);

}  // namespace apim::store
