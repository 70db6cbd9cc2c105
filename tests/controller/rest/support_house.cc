#include "controller/rest/support_house.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <httplib.h>
#pragma GCC diagnostic pop

#include <openssl/ssl.h>
#include <sodium.h>

#include "import/files.h"
#include "service/users.h"

namespace apim::rest::testing {
namespace {

using service::testing::must;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string base64(const std::string& text) {
  std::string out(sodium_base64_encoded_len(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                    text.size(), sodium_base64_VARIANT_ORIGINAL);
  return out.c_str();
}

}  // namespace

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

House::House(DispatchSettings settings, const std::vector<Role>& roles) {
  must(service::users::make_first_admin(office_.store(), "correct horse"));
  login_ = std::make_unique<service::Login>(office_.store(), service::LoginSettings{});
  router_ = std::make_unique<Router>(roles);
  dispatch_ = std::make_unique<Dispatch>(office_.context(), *login_, *router_, settings);
  ServerSettings place;
  place.host = "127.0.0.1";
  place.threads = 8;
  place.certificate = must(load_or_make_certificate(office_.folder() / "tls"));
  server_ = must(Server::open(*dispatch_, place));
  office_.publisher().start();
  thread_ = std::thread([this] { server_->run(); });
}

House::~House() {
  office_.context().stopping = true;
  server_->stop();
  thread_.join();
  office_.publisher().stop();
}

Reply House::ask(const Ask& ask) const {
  httplib::SSLClient client("127.0.0.1", port());
  client.enable_server_certificate_verification(false);
  client.set_read_timeout(30);
  httplib::Request request;
  request.method = ask.method;
  request.path = ask.path;
  request.body = ask.body;
  if (!ask.body.empty()) request.set_header("Content-Type", ask.type);
  if (!ask.user.empty()) request.set_header("Authorization", "Basic " + base64(ask.user));
  for (const auto& [name, value] : ask.headers) request.set_header(name, value);
  const auto result = client.send(request);
  if (!result)
    throw std::runtime_error("no answer to " + ask.method + " " + ask.path + ": " +
                             httplib::to_string(result.error()));
  Reply reply{result->status, result->body, {}};
  for (const auto& [name, value] : result->headers) reply.headers[lower(name)] = value;
  return reply;
}

Reply House::upload(const std::string& path, const std::string& file,
                    const std::map<std::string, std::string>& fields) const {
  std::string body =
      "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"project.zip\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n" +
      file + "\r\n";
  for (const auto& [name, value] : fields)
    body += "--frontier\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
            "\r\n";
  body += "--frontier--\r\n";
  return ask({.method = "POST",
              .path = path,
              .body = body,
              .type = "multipart/form-data; boundary=frontier"});
}

std::string House::raw(const std::string& bytes, std::string next) const {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  BIO* bio = BIO_new_ssl_connect(context.get());
  BIO_set_conn_hostname(bio, ("127.0.0.1:" + std::to_string(port())).c_str());
  std::string answer;
  if (BIO_do_connect(bio) == 1) {
    BIO_write(bio, bytes.data(), static_cast<int>(bytes.size()));
    char chunk[4096];
    for (int got = 0; (got = BIO_read(bio, chunk, sizeof(chunk))) > 0;) {
      answer.append(chunk, static_cast<size_t>(got));
      if (next.empty() || !answer.ends_with('}')) continue;
      BIO_write(bio, next.data(), static_cast<int>(next.size()));
      next.clear();
    }
  }
  BIO_free_all(bio);
  return answer;
}

void House::add_user(const std::string& name, const std::string& password,
                     const std::vector<std::string>& roles) {
  must(service::users::create(office_.context(), service::testing::admin(), name, password, roles));
}

std::string pizza_yaml(const std::string& version) {
  return "type: api\nversion: v4.7.0\ndata:\n  name: pizza\n  version: " + version + R"(
  context: /pizza
  lifeCycleStatus: PUBLISHED
  policies: [Gold, Unlimited]
  securityScheme: [api_key, oauth_basic_auth_api_key_mandatory]
  endpointConfig:
    endpoint_type: http
    production_endpoints: {url: "http://127.0.0.1:9/pizza"}
  operations:
  - {target: /menu, verb: GET, throttlingPolicy: Unlimited}
)";
}

std::string zip_of(const std::string& api_yaml, bool deploys) {
  import::Files files{{ "api.yaml", api_yaml }};
  if (deploys) {
    files["deployment_environments.yaml"] =
        "type: deployment_environments\nversion: v4.7.0\ndata:\n- deploymentEnvironment: Default\n "
        " deploymentVhost: localhost\n";
  }
  return must(import::write_zip(files, "pizza"));
}

}  // namespace apim::rest::testing
