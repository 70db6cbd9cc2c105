// Postgres: a real server of the tests' own, on a Unix socket in a folder of its own.
//
// Started on first use, as user "postgres" when the tests run as root. A janitor process started
// before it stops it and removes the folder when the tests end, however they end.

#pragma once

#include <string>

namespace apim::store {

class Postgres {
 public:
  static Postgres& running();

  // "postgresql://..." of an existing database.
  std::string url(const std::string& database) const;
  // Makes a database, empty or as a copy of another one nobody is connected to.
  void create(const std::string& database, const std::string& copy_of = "template0");
  // Whoever is still connected is thrown out.
  void drop(const std::string& database);

  const std::string& folder() const { return folder_; }

 private:
  Postgres();
  std::string folder_;
};

}  // namespace apim::store
