#include "cli/client.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cassert>
#include <charconv>
#include <utility>

#include <httplib.h>

namespace apim::cli {
namespace {

constexpr time_t kConnectSeconds = 5;
constexpr uint64_t kReadMs = 60'000;

std::string fingerprint_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_bytes = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &digest_bytes) != 1) return "";
  std::string shown;
  for (unsigned int i = 0; i < digest_bytes; ++i) {
    shown += fmt::format("{}{:02X}", i > 0 ? ":" : "", digest[i]);
  }
  return shown;
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// Refused for what the user is, not for what the thing is: a policy in use is 403 as well.
bool lacks_scope(const nlohmann::json& body) {
  if (!body.is_object()) return false;
  const std::string code = text_of(body, "code");
  return code == "403" && text_of(body, "description").find("scope") != std::string::npos;
}

}  // namespace

struct Client::Wire {
  Session session;
  std::string seen;
  std::unique_ptr<httplib::SSLClient> http;

  // OpenSSL asks this instead of building a chain: the pinned certificate is the only one trusted.
  static int verify(X509_STORE_CTX* store, void* self) {
    Wire* wire = static_cast<Wire*>(self);
    X509* certificate = X509_STORE_CTX_get0_cert(store);
    wire->seen = certificate == nullptr ? "" : fingerprint_of(certificate);
    const bool trusted = !wire->seen.empty() && wire->seen == wire->session.fingerprint;
    if (!trusted) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
    return trusted ? 1 : 0;
  }

  Failure explain(httplib::Error error) const {
    if (!seen.empty() && session.fingerprint.empty()) {
      return {Exit::Unreachable, "the controller's certificate is not known yet",
              "run: apimctl login " + session.url};
    }
    if (!seen.empty() && seen != session.fingerprint) {
      return {Exit::Unreachable,
              fmt::format("{} presents another certificate than at login; nothing was sent\n"
                          "  pinned: {}\n  seen:   {}",
                          session.url, session.fingerprint, seen),
              "if the controller got a new certificate, log in again with --fingerprint " + seen +
                  "; otherwise somebody stands in between"};
    }
    if (error == httplib::Error::Read) {
      return {Exit::Unreachable, fmt::format("{} did not answer in time or closed", session.url),
              "look at the controller's log, then try again"};
    }
    return {Exit::Unreachable,
            fmt::format("cannot reach the controller at {}: {}", session.url,
                        httplib::to_string(error)),
            "check that apim-controller runs there, or log in to another address"};
  }

  Outcome<Reply> finish(const httplib::Result& result) const {
    if (!result) return std::unexpected(explain(result.error()));
    Reply reply;
    reply.status = result->status;
    reply.text = result->body;
    reply.body = nlohmann::json::parse(result->body, nullptr, false);
    if (reply.body.is_discarded()) reply.body = nullptr;
    if (result->has_header("Apim-Epoch")) {
      const std::string epoch = result->get_header_value("Apim-Epoch");
      std::from_chars(epoch.data(), epoch.data() + epoch.size(), reply.epoch);
    }
    if (reply.status < 400) return reply;
    std::string advice;
    if (reply.status == 401) advice = "log in again: apimctl login " + session.url;
    if (reply.status == 403 && lacks_scope(reply.body))
      advice = "ask an administrator for the role this needs";
    return fail(Exit::Refused, describe_refusal(reply.status, reply.text), advice);
  }
};

Client::Client(Session session) : wire_(std::make_unique<Wire>()) {
  wire_->session = std::move(session);
  const auto address = parse_url(wire_->session.url);
  assert(address.has_value());
  wire_->http = std::make_unique<httplib::SSLClient>(address->host, address->port);
  auto& http = *wire_->http;
  http.set_basic_auth(wire_->session.user, wire_->session.password);
  http.set_default_headers({{"Accept", "application/json"}});
  http.set_keep_alive(true);
  http.set_connection_timeout(kConnectSeconds);
  // Without httplib's own check the context's decides, which runs inside the handshake.
  http.enable_server_certificate_verification(false);
  SSL_CTX_set_verify(http.ssl_context(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(http.ssl_context(), &Wire::verify, wire_.get());
  SSL_CTX_set_min_proto_version(http.ssl_context(), TLS1_2_VERSION);
  allow_ms(kReadMs);
}

Client::~Client() = default;

void Client::allow_ms(uint64_t read_ms) {
  wire_->http->set_read_timeout(static_cast<time_t>(read_ms / 1000),
                                static_cast<time_t>(read_ms % 1000) * 1000);
  wire_->http->set_write_timeout(static_cast<time_t>(kReadMs / 1000));
}

const std::string& Client::seen_fingerprint() const { return wire_->seen; }
const Session& Client::session() const { return wire_->session; }

Outcome<Reply> Client::get(const std::string& path) {
  return wire_->finish(wire_->http->Get(path));
}

Outcome<Reply> Client::post(const std::string& path, const nlohmann::json& body) {
  return wire_->finish(wire_->http->Post(path, body.dump(), "application/json"));
}

Outcome<Reply> Client::post(const std::string& path) {
  return wire_->finish(wire_->http->Post(path, std::string(), "application/json"));
}

Outcome<Reply> Client::upload(const std::string& path, const std::vector<Part>& parts) {
  httplib::MultipartFormDataItems items;
  for (const Part& part : parts) {
    items.push_back({part.name, part.content, part.file_name, part.content_type});
  }
  return wire_->finish(wire_->http->Post(path, items));
}

Outcome<Reply> Client::remove(const std::string& path) {
  return wire_->finish(wire_->http->Delete(path));
}

std::string escape_query(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", byte);
    }
  }
  return escaped;
}

std::string describe_refusal(int status, const std::string& text) {
  const auto body = nlohmann::json::parse(text, nullptr, false);
  if (!body.is_object()) return fmt::format("the controller answered {}", status);
  std::string message = text_of(body, "message");
  const std::string description = text_of(body, "description");
  if (!description.empty() && description != message) {
    message += (message.empty() ? "" : ": ") + description;
  }
  const std::string code = text_of(body, "code");
  if (!code.empty()) message += fmt::format(" (code {})", code);
  const auto findings = body.find("error");
  if (findings == body.end() || !findings->is_array()) return message;
  for (const auto& finding : *findings) {
    if (!finding.is_object()) continue;
    const std::string line = text_of(finding, "message");
    if (line.empty() || description.find(line) != std::string::npos) continue;
    message += "\n  " + line;
  }
  return message;
}

}  // namespace apim::cli
