#include "controller/cli/support_controller.h"

#include <fmt/format.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cassert>
#include <cstdlib>
#include <sstream>

namespace apim::cli::test {
namespace {

struct Identity {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

Identity make_identity() {
  Identity identity;
  identity.key = EVP_EC_gen("P-256");
  identity.certificate = X509_new();
  X509* certificate = identity.certificate;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>("scripted");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, identity.key);
  X509_sign(certificate, identity.key, EVP_sha256());
  return identity;
}

std::string digest_of(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int count = 0;
  X509_digest(certificate, EVP_sha256(), digest, &count);
  std::string text;
  for (unsigned int i = 0; i < count; ++i)
    text += fmt::format("{}{:02X}", i > 0 ? ":" : "", digest[i]);
  return text;
}

}  // namespace

ScriptedController::ScriptedController() {
  const Identity identity = make_identity();
  fingerprint_ = digest_of(identity.certificate);
  server_ = std::make_unique<httplib::SSLServer>(identity.certificate, identity.key);
  X509_free(identity.certificate);
  EVP_PKEY_free(identity.key);
  const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
    serve(request, response);
  };
  server_->Get(".*", handler);
  server_->Post(".*", handler);
  server_->Delete(".*", handler);
  port_ = server_->bind_to_any_port("127.0.0.1");
  assert(port_ > 0);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

ScriptedController::~ScriptedController() {
  server_->stop();
  thread_.join();
}

std::string ScriptedController::url() const { return fmt::format("https://127.0.0.1:{}", port_); }

void ScriptedController::answer(const std::string& method_and_path, const nlohmann::json& body,
                                int status, uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  routes_[method_and_path] = {.body = body.dump(), .status = status, .epoch = epoch};
}

std::vector<Seen> ScriptedController::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

Seen ScriptedController::last(const std::string& method_and_path) const {
  Seen found;
  for (const Seen& one : seen()) {
    const std::string path = one.target.substr(0, one.target.find('?'));
    if (one.method + " " + path == method_and_path) found = one;
  }
  return found;
}

void ScriptedController::serve(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  std::string body = request.body;
  for (const auto& [name, file] : request.files) body += name + "=" + file.content;
  seen_.push_back(
      {request.method, request.target, body, request.get_header_value("Authorization")});
  const auto route = routes_.find(request.method + " " + request.path);
  if (route == routes_.end()) {
    response.status = 404;
    response.set_content(R"({"code":404,"message":"Not Found","description":"no such thing"})",
                         "application/json");
    return;
  }
  response.status = route->second.status;
  if (route->second.epoch > 0) {
    response.set_header("Apim-Epoch", std::to_string(route->second.epoch));
  }
  response.set_content(route->second.body, "application/json");
}

ConfigDir::ConfigDir() {
  std::string name = (std::filesystem::temp_directory_path() / "apimctl-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
  ::setenv("APIM_CONFIG_DIR", path_.c_str(), 1);
}

ConfigDir::~ConfigDir() {
  ::unsetenv("APIM_CONFIG_DIR");
  std::filesystem::remove_all(path_);
}

Ran run_apimctl(const std::vector<std::string>& arguments, const std::string& in,
                const std::map<std::string, std::string>& variables) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream input(in);
  Context context;
  context.output.out = &out;
  context.output.err = &err;
  context.in = &input;
  context.variables = variables;
  const Exit exit = run(context, arguments);
  return {exit, out.str(), err.str()};
}

LoggedIn::LoggedIn() {
  const Session session{.url = controller.url(),
                        .user = "admin",
                        .password = "secret",
                        .fingerprint = controller.fingerprint()};
  const auto saved = save_session(config.path(), session);
  assert(saved.has_value());
  controller.answer("GET /api/apim/v1/gateways", {{"count", 0}, {"list", nlohmann::json::array()}});
}

nlohmann::json page(const std::vector<nlohmann::json>& items) {
  return {{"count", items.size()},
          {"list", items},
          {"pagination", {{"offset", 0}, {"limit", 100}, {"total", items.size()}}}};
}

}  // namespace apim::cli::test
