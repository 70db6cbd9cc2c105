#include "controller/store/support_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "model/api_codec.h"
#include "store/enum_text.h"
#include "store/text.h"

namespace apim::store {
namespace {

namespace fs = std::filesystem;

std::string next_name() {
  static int count = 0;
  return "t" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

// A migrated and seeded database to copy: quicker than migrating for each test.
const std::string& postgres_base() {
  static const std::string name = [] {
    Postgres& server = Postgres::running();
    server.create("base");
    const std::string url = server.url("base");
    must(Store::open({.apim_url = url, .shared_url = url, .connections_max = 1, .clock = {}}));
    return std::string("base");
  }();
  return name;
}

const fs::path& sqlite_base(const fs::path& beside) {
  static const fs::path file = [&] {
    const fs::path path = beside.parent_path() / ("apim-base-" + std::to_string(getpid()) + ".db");
    const std::string url = "sqlite3://" + path.string();
    must(Store::open({.apim_url = url, .shared_url = url, .connections_max = 1, .clock = {}}));
    return path;
  }();
  return file;
}

class RemoveSqliteBase : public ::testing::Environment {
 public:
  void TearDown() override {
    const std::string base =
        (fs::temp_directory_path() / ("apim-base-" + std::to_string(getpid()) + ".db")).string();
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(base + suffix);
  }
};

const auto* const kRemoveSqliteBase = ::testing::AddGlobalTestEnvironment(new RemoveSqliteBase());

std::string dump(const model::Limit& limit) {
  return fmt::format("{} {} per {} {}", limit.count, text_of(limit.kind), limit.unit_time,
                     text_of(limit.unit));
}

}  // namespace

int in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
    } catch (const std::exception& error) {
      std::cerr << "child: " << error.what() << std::endl;
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

StoreTest::StoreTest() {
  std::string pattern = (fs::temp_directory_path() / "apim-store-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = pattern;
  if (GetParam() == Dialect::Postgres) {
    const std::string name = next_name();
    Postgres::running().create(name, postgres_base());
    databases_.push_back(name);
    url_ = Postgres::running().url(name);
  } else {
    const fs::path file = folder_ / "apim.db";
    fs::copy_file(sqlite_base(folder_), file);
    url_ = "sqlite3://" + file.string();
  }
  store_ = must(Store::open(settings()));
}

StoreTest::~StoreTest() {
  store_.reset();
  for (const std::string& database : databases_) Postgres::running().drop(database);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string StoreTest::new_url(const std::string& name) {
  if (GetParam() == Dialect::Sqlite) return "sqlite3://" + (folder_ / (name + ".db")).string();
  const std::string database = next_name();
  Postgres::running().create(database);
  databases_.push_back(database);
  return Postgres::running().url(database);
}

DatabaseSettings StoreTest::settings_of(const std::string& url) const {
  return {.url = url, .clock = [] { return now_ms_.load(); }};
}

StoreSettings StoreTest::settings() const {
  return {.apim_url = url_, .shared_url = url_, .clock = [] { return now_ms_.load(); }};
}

model::Api sample_api(const std::string& name, const std::string& version) {
  model::Api api;
  api.name = name;
  api.version = version;
  api.context = "/" + name + "/" + version;
  api.context_template = "/" + name;
  api.provider = "admin";
  api.description = "All about " + name;
  api.policies = {"Gold", "Unlimited"};
  api.tags = {"food"};
  api.scopes = {{.name = "read", .display_name = "Read", .description = "", .roles = {"admin"}}};
  model::Operation get;
  get.target = "/order/{id}";
  get.scopes = {"read"};
  get.throttling_policy = "10KPerMin";
  model::Operation post;
  post.target = "/order";
  post.verb = model::Verb::Post;
  post.auth = model::AuthType::None;
  api.operations = {get, post};
  api.production = model::EndpointGroup{
      .endpoints = {{.url = "http://backend.example:8080/" + name, .tuning = {}}}};
  api.definition = "{\"openapi\":\"3.0.1\"}";
  return api;
}

model::Application sample_application(const std::string& name, const std::string& owner) {
  model::Application application;
  application.owner = owner;
  application.name = name;
  application.description = "for " + name;
  application.throttling_policy = "10PerMin";
  application.groups = {"sales", "retail"};
  application.attributes = {{"cost centre", "12"}, {"owner", "bob"}};
  return application;
}

model::Subscription sample_subscription(const model::Api& api,
                                        const model::Application& application,
                                        const std::string& policy) {
  model::Subscription subscription;
  subscription.api_uuid = api.uuid;
  subscription.application_uuid = application.uuid;
  subscription.throttling_policy = policy;
  return subscription;
}

model::ApiKey sample_key(const model::Application& application, const std::string& name,
                         uint8_t seed) {
  model::ApiKey key;
  key.name = name;
  for (size_t i = 0; i < key.digest.size(); ++i) {
    key.digest[i] = static_cast<uint8_t>(seed * 31 + i);
  }
  key.application_uuid = application.uuid;
  key.permitted_ips = "10.0.0.0/8";
  key.permitted_referers = "*.example.com/*";
  key.expires_s = 1'900'000'000;
  key.user = "bob";
  return key;
}

model::ThrottlePolicy sample_policy(model::PolicyLevel level, const std::string& name) {
  model::ThrottlePolicy policy;
  policy.level = level;
  policy.name = name;
  policy.display_name = "The " + name;
  policy.description = "a policy";
  policy.limit = {.count = 42, .unit_time = 3, .unit = model::TimeUnit::Hour};
  if (level != model::PolicyLevel::Advanced) {
    policy.burst = {.count = 7, .unit_time = 1, .unit = model::TimeUnit::Second};
  }
  if (level == model::PolicyLevel::Subscription) {
    policy.stops_on_quota = false;
    policy.billing_plan = "COMMERCIAL";
  }
  policy.document = "{\"a\":1}";
  return policy;
}

std::string dump(const model::Api& api) {
  model::Api plain = api;
  plain.document = "{}";
  return fmt::format("{} {} {} {} {} {} {} default={} {}", api.id, api.uuid, api.tenant,
                     api.context, model::to_text(api.lifecycle), api.created_ms, api.updated_ms,
                     api.is_default_version, model::write_api(plain).dump());
}

std::string dump(const model::Application& application) {
  return fmt::format("{} {} {} {} {} {} {} {} {} [{}] {} {} {}", application.id, application.uuid,
                     application.tenant, application.owner, application.name,
                     application.description, application.throttling_policy, application.token_type,
                     application.status, fmt::join(application.groups, ","), application.attributes,
                     application.created_ms, application.updated_ms);
}

std::string dump(const model::Subscription& subscription) {
  return fmt::format("{} {} {} {} {} {} {} {} {}", subscription.id, subscription.uuid,
                     subscription.api_uuid, subscription.api_id, subscription.application_uuid,
                     subscription.application_id, subscription.throttling_policy,
                     text_of(subscription.state), subscription.created_ms);
}

std::string dump(const model::ApiKey& key) {
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {}", key.uuid, key.name, to_hex(key.digest),
                     key.application_id, key.application_uuid, text_of(key.type), key.created_ms,
                     key.expires_s, key.permitted_ips, key.permitted_referers, key.user);
}

std::string dump(const model::ThrottlePolicy& policy) {
  std::string text =
      fmt::format("{} {} {} {} {} {} {} | {} | {} | {} {} {} {}", policy.id, policy.uuid,
                  policy.tenant, static_cast<int>(policy.level), policy.name, policy.display_name,
                  policy.description, dump(policy.limit), dump(policy.burst), policy.stops_on_quota,
                  policy.per_user, policy.billing_plan, policy.document);
  for (const model::ConditionGroup& group : policy.groups) {
    text += fmt::format("\n  group {}: {}", group.description, dump(group.limit));
    for (const model::Condition& condition : group.conditions) {
      text += fmt::format("\n    {} {} {} {}", static_cast<int>(condition.kind), condition.inverted,
                          condition.name, condition.value);
    }
  }
  return text;
}

std::string dump(const model::DenyCondition& deny) {
  return fmt::format("{} {} {} {} {} {} {} {}", deny.id, deny.uuid, deny.tenant, text_of(deny.kind),
                     deny.value, deny.last, deny.inverted, deny.enabled);
}

}  // namespace apim::store
