#include "rest/server.h"

#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#error "the library was built with OpenSSL; its classes differ without"
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <httplib.h>
#pragma GCC diagnostic pop

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <system_error>
#include <thread>

namespace apim::rest {
namespace {

constexpr size_t kDrainBytesMax = size_t{8}
                                  << 20;  // of a body nobody wants, so that the answer can be read
constexpr int kTimeoutSeconds = 10;
constexpr int kKeepAliveSeconds =
    1;  // a thread waits for the next request; also bounds how long stopping takes
constexpr size_t kKeepAliveRequests = 100;

using Web = httplib::Request;
using WebAnswer = httplib::Response;

// The library hands out its own request object as const; it stays ours to change while it is being
// handled.
Web& own(const Web& web) { return const_cast<Web&>(web); }

// No further request is read from this connection. What was not read of a body must never be taken
// for one.
void hang_up(const Web& web, WebAnswer& out) {
  out.set_header("Connection", "close");
  SSL* ssl = const_cast<SSL*>(web.ssl);
  if (ssl != nullptr) SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

void write_answer(Answer answer, WebAnswer& out) {
  out.status = answer.status;
  for (const auto& [name, value] : answer.headers) out.set_header(name, value);
  out.set_header("X-Content-Type-Options", "nosniff");
  out.set_header("Cache-Control", "no-store");
  if (!answer.type.empty()) out.set_content(answer.body, answer.type);
}

Answer refusal(int status, const char* message, std::string description) {
  return problem_answer({.http_status = status,
                         .code = status,
                         .message = message,
                         .description = std::move(description)});
}

// The library's multimap as a map of lower-case names; nothing when a field stands twice.
std::optional<std::map<std::string, std::string>> fields_of(const Web& web) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : web.headers) {
    std::string key = name;
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // Added by the library itself.
    if (key == "remote_addr" || key == "remote_port" || key == "local_addr" || key == "local_port")
      continue;
    if (!fields.emplace(key, value).second) return std::nullopt;
  }
  return fields;
}

// Where a body ends must be beyond doubt before any of it is read. "" when it is.
std::string doubt_about_framing(const std::map<std::string, std::string>& fields,
                                const std::string& method) {
  const auto find = [&](const char* name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  const std::string length = find("content-length");
  const std::string coding = find("transfer-encoding");
  if (fields.contains("content-length") &&
      (length.empty() || length.size() > 15 ||
       length.find_first_not_of("0123456789") != std::string::npos)) {
    return "Content-Length is not a number";
  }
  if (fields.contains("transfer-encoding") && coding != "chunked")
    return "Transfer-Encoding may only be chunked";
  if (!coding.empty() && !length.empty())
    return "Content-Length and Transfer-Encoding exclude each other";
  if (fields.contains("content-encoding"))
    return "Content-Encoding is not supported; send the body as it is";
  const bool is_read = method == "GET" || method == "HEAD" || method == "OPTIONS";
  if (is_read && (!coding.empty() || (!length.empty() && length != "0")))
    return "this method has no body";
  return "";
}

bool has_body(const std::map<std::string, std::string>& fields) {
  const auto length = fields.find("content-length");
  return fields.contains("transfer-encoding") || (length != fields.end() && length->second != "0");
}

bool carries_body(const std::string& method) {
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

struct Read {
  std::string body;
  bool whole = true;       // all of it was read from the connection
  bool too_large = false;  // and dropped
};

Read read_body(const Web& web, const httplib::ContentReader& reader, size_t bytes_max) {
  // Without its type the library hands over the bytes as they are, multipart included.
  own(web).headers.erase("Content-Type");
  Read read;
  size_t got = 0;
  const bool ended = reader([&](const char* data, size_t bytes) {
    got += bytes;
    if (got <= bytes_max) {
      read.body.append(data, bytes);
    } else {
      read.too_large = true;
      read.body = {};
    }
    return got <= bytes_max + kDrainBytesMax;
  });
  read.whole = ended;
  return read;
}

// "Content-Length: 10 GB" is not worth reading at all.
bool announces_more(const std::map<std::string, std::string>& fields, size_t bytes_max) {
  const auto length = fields.find("content-length");
  if (length == fields.end()) return false;
  const std::string& digits = length->second;  // checked by doubt_about_framing()
  uint64_t bytes = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
  return bytes > bytes_max + kDrainBytesMax;
}

}  // namespace

struct Server::Wire {
  Wire(const Dispatch& to, const Certificate& certificate)
      : dispatch(to), web([&certificate](SSL_CTX& context) {
          return SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1 &&
                 SSL_CTX_use_certificate_chain_file(&context,
                                                    certificate.certificate_file.c_str()) == 1 &&
                 SSL_CTX_use_PrivateKey_file(&context, certificate.key_file.c_str(),
                                             SSL_FILETYPE_PEM) == 1;
        }) {}

  // Answers what has no body; true when it did.
  bool serve_head(const Web& in, WebAnswer& out) const;
  void serve_body(const Web& in, WebAnswer& out, const httplib::ContentReader& reader) const;

  const Dispatch& dispatch;
  httplib::SSLServer web;
  uint16_t port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<bool> entered{false};   // run() began
  std::atomic<bool> finished{false};  // and ended
};

bool Server::Wire::serve_head(const Web& in, WebAnswer& out) const {
  own(in).path = "/";  // routing is ours, on in.target
  own(in).ranges.clear();
  own(in).headers.erase("Accept-Encoding");
  const auto fields = fields_of(in);
  const std::string doubt =
      fields ? doubt_about_framing(*fields, in.method) : "a header field stands twice";
  if (!doubt.empty()) {
    write_answer(refusal(400, "Bad request", doubt), out);
    hang_up(in, out);
    return true;
  }
  if (carries_body(in.method)) return false;
  auto begun = dispatch.begin({in.method, in.target, *fields, in.remote_addr});
  if (auto* answer = std::get_if<Answer>(&begun)) {
    write_answer(std::move(*answer), out);
  } else {
    write_answer(dispatch.finish(std::move(std::get<Admission>(begun)), ""), out);
  }
  return true;
}

void Server::Wire::serve_body(const Web& in, WebAnswer& out,
                              const httplib::ContentReader& reader) const {
  const auto fields = *fields_of(in);
  auto begun = dispatch.begin({in.method, in.target, fields, in.remote_addr});
  const auto* admission = std::get_if<Admission>(&begun);
  const size_t bytes_max = admission == nullptr ? 0 : admission->body_bytes_max;
  Read read;
  if (has_body(fields)) {
    if (announces_more(fields, bytes_max)) {
      read.whole = false;
      read.too_large = true;
    } else {
      read = read_body(in, reader, bytes_max);
    }
  }
  if (admission == nullptr) {
    write_answer(std::move(std::get<Answer>(begun)), out);
  } else if (read.too_large) {
    write_answer(Dispatch::too_large(bytes_max), out);
  } else if (!read.whole) {
    write_answer(refusal(400, "Bad request", "the body ended early or is not framed correctly"),
                 out);
  } else {
    write_answer(dispatch.finish(std::move(std::get<Admission>(begun)), std::move(read.body)), out);
  }
  if (!read.whole) hang_up(in, out);
}

Server::Server(std::unique_ptr<Wire> wire) : wire_(std::move(wire)) {}
Server::~Server() { stop(); }

model::Result<std::unique_ptr<Server>> Server::open(const Dispatch& dispatch,
                                                    const ServerSettings& settings) {
  auto wire = std::make_unique<Wire>(dispatch, settings.certificate);
  httplib::SSLServer& web = wire->web;
  if (!web.is_valid()) {
    return model::refuse(
        model::internal_error(fmt::format("{}: TLS cannot use this certificate and its key",
                                          settings.certificate.certificate_file.string())));
  }
  Wire* raw = wire.get();
  web.new_task_queue = [threads = settings.threads] { return new httplib::ThreadPool(threads); };
  web.set_keep_alive_max_count(kKeepAliveRequests).set_keep_alive_timeout(kKeepAliveSeconds);
  web.set_read_timeout(kTimeoutSeconds).set_write_timeout(kTimeoutSeconds);
  web.set_tcp_nodelay(true);
  // The library's own choice, SO_REUSEPORT, would let two controllers share a port.
  web.set_socket_options([](socket_t descriptor) {
    const int yes = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  using Handled = httplib::Server::HandlerResponse;
  web.set_pre_routing_handler([raw](const Web& in, WebAnswer& out) {
    return raw->serve_head(in, out) ? Handled::Handled : Handled::Unhandled;
  });
  const auto with_body = [raw](const Web& in, WebAnswer& out,
                               const httplib::ContentReader& reader) {
    raw->serve_body(in, out, reader);
  };
  web.Post("/", with_body).Put("/", with_body).Patch("/", with_body).Delete("/", with_body);
  web.set_error_handler(httplib::Server::Handler([](const Web&, WebAnswer& out) {
    if (out.body.empty())
      write_answer(refusal(out.status, "Bad request", "the request could not be read"), out);
  }));
  web.set_exception_handler([](const Web& in, WebAnswer& out, const std::exception_ptr& thrown) {
    std::string what = "unknown";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
    }
    spdlog::error("request_threw method={} target={} what={}", in.method,
                  in.target.substr(0, in.target.find('?')), what);
    write_answer(refusal(500, "Internal server error", "see the controller's log"), out);
    hang_up(in, out);
  });
  errno = 0;
  const int port = settings.port == 0 ? web.bind_to_any_port(settings.host)
                   : web.bind_to_port(settings.host, settings.port) ? settings.port
                                                                    : -1;
  if (port <= 0) {
    const std::string reason = errno == EADDRINUSE ? "address in use"
                               : errno == 0        ? "it cannot be resolved"
                                                   : std::generic_category().message(errno);
    return model::refuse(model::internal_error(fmt::format(
        "server.listen: cannot listen on {} port {}: {}", settings.host, settings.port, reason)));
  }
  wire->port = static_cast<uint16_t>(port);
  return std::unique_ptr<Server>(new Server(std::move(wire)));
}

uint16_t Server::port() const { return wire_->port; }

void Server::run() {
  wire_->entered = true;
  if (!wire_->stopping) wire_->web.listen_after_bind();
  wire_->finished = true;
}

void Server::stop() {
  wire_->stopping = true;
  // The library ignores stop() before its loop runs.
  while (wire_->entered && !wire_->finished && !wire_->web.is_running())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (wire_->web.is_running()) wire_->web.stop();
}

}  // namespace apim::rest
