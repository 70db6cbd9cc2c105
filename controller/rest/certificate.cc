#include "rest/certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <fstream>
#include <memory>
#include <sstream>

namespace apim::rest {
namespace {

namespace fs = std::filesystem;

constexpr long kSecondsValid = 10L * 365 * 24 * 3600;

template <class T, void (*kFree)(T*)>
struct Free {
  void operator()(T* thing) const { kFree(thing); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Free<X509, X509_free>>;
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

auto refused(const std::string& why) {
  std::array<char, 256> reason{};
  const unsigned long error = ERR_get_error();
  if (error != 0) ERR_error_string_n(error, reason.data(), reason.size());
  return model::refuse(
      model::internal_error(error == 0 ? why : fmt::format("{}: {}", why, reason.data())));
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  const std::string text = name.data();
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_plain) ? text : "localhost";
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), random.size()) != 1) return false;
  random[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(random.data(), random.size(), nullptr);
  if (number == nullptr) return false;
  const bool set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

X509Ptr make_certificate(EVP_PKEY* key) {
  const std::string host = host_name();
  X509Ptr certificate(X509_new());
  X509* raw = certificate.get();
  if (raw == nullptr || X509_set_version(raw, X509_VERSION_3) != 1 || !set_serial(raw))
    return nullptr;
  // An hour back: clocks of clients differ.
  X509_gmtime_adj(X509_getm_notBefore(raw), -3600);
  X509_gmtime_adj(X509_getm_notAfter(raw), kSecondsValid);
  X509_NAME* name = X509_get_subject_name(raw);
  const std::string common_name = host.substr(0, 64);
  const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.c_str());
  if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes, -1, -1, 0) != 1) return nullptr;
  if (X509_set_issuer_name(raw, name) != 1 || X509_set_pubkey(raw, key) != 1) return nullptr;
  const std::string names =
      fmt::format("DNS:localhost,IP:127.0.0.1,IP:::1{}", host == "localhost" ? "" : ",DNS:" + host);
  const bool complete = add_extension(raw, NID_subject_alt_name, names) &&
                        add_extension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
                        add_extension(raw, NID_key_usage, "critical,digitalSignature") &&
                        add_extension(raw, NID_ext_key_usage, "serverAuth");
  if (!complete || X509_sign(raw, key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

std::string bytes_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

// Whole or not at all: written beside its place, synced, renamed.
bool write_file(const fs::path& file, const std::string& content, mode_t mode) {
  const std::string temporary = file.string() + ".tmp";
  unlink(temporary.c_str());
  const int out = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (out < 0) return false;
  const bool written =
      write(out, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(out) == 0;
  close(out);
  return written && rename(temporary.c_str(), file.c_str()) == 0;
}

model::Result<void> make_pair(const Certificate& place) {
  Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return refused("the TLS key could not be made");
  const X509Ptr certificate = make_certificate(key.get());
  if (certificate == nullptr) return refused("the TLS certificate could not be made");
  const Bio key_text(BIO_new(BIO_s_mem()));
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1 ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1) {
    return refused("the TLS certificate could not be written as PEM");
  }
  // The key goes first: a crash between the two leaves a key alone, which is made again.
  if (!write_file(place.key_file, bytes_of(key_text.get()), 0600) ||
      !write_file(place.certificate_file, bytes_of(certificate_text.get()), 0644)) {
    return refused(
        fmt::format("{}: cannot be written", place.certificate_file.parent_path().string()));
  }
  return {};
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string fingerprint_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return "";
  std::string text;
  for (unsigned int i = 0; i < size; ++i)
    text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  return text;
}

}  // namespace

model::Result<Certificate> load_or_make_certificate(const fs::path& folder) {
  Certificate place{folder / "controller.crt", folder / "controller.key", ""};
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return refused(fmt::format("{}: {}", folder.string(), error.message()));
  if (!fs::exists(place.certificate_file, error) && !error) CHECK_OR_REFUSE(make_pair(place));

  struct stat state {};
  if (stat(place.key_file.c_str(), &state) != 0)
    return refused(
        fmt::format("{}: cannot be read; the certificate beside it is of no use without it",
                    place.key_file.string()));
  if ((state.st_mode & 077) != 0)
    return refused(
        fmt::format("{}: others may read it; set its mode to 0600", place.key_file.string()));
  const std::string certificate_text = read_text(place.certificate_file);
  const std::string key_text = read_text(place.key_file);
  const Bio certificate_bio(
      BIO_new_mem_buf(certificate_text.data(), static_cast<int>(certificate_text.size())));
  const Bio key_bio(BIO_new_mem_buf(key_text.data(), static_cast<int>(key_text.size())));
  const X509Ptr certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr)
    return refused(fmt::format("{}: not a PEM certificate", place.certificate_file.string()));
  const Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return refused(fmt::format("{}: not a PEM key", place.key_file.string()));
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return refused(fmt::format("{} and {} do not belong together", place.certificate_file.string(),
                               place.key_file.string()));
  place.fingerprint = fingerprint_of(certificate.get());
  return place;
}

}  // namespace apim::rest
