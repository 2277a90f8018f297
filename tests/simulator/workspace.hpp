// The directory where a client finds what it needs: ca.pem and client_secret.
//
// Ownership: none kept open. I/O on that directory only; any thread.
#pragma once

#include <filesystem>
#include <string>

namespace gcstream_sim {

class Workspace {
 public:
  // Creates `directory` (0700) if it does not exist. Throws std::system_error, as all here does.
  explicit Workspace(std::filesystem::path directory);

  // Reads it, or makes one (0600) when there is none.
  std::string client_secret() const;
  void write_ca(const std::string& pem) const;

  std::filesystem::path ca_file() const { return directory_ / "ca.pem"; }
  std::filesystem::path secret_file() const { return directory_ / "client_secret"; }

 private:
  std::filesystem::path directory_;
};

}  // namespace gcstream_sim
