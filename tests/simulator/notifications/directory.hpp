// The org's queues and users as the REST API lists them, in pages. They come and go.
//
// Ownership: borrows the cast, which must outlive it, and adds to it. No I/O, no clock; for one
// thread at a time.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/cast.hpp"
#include "simulator/random.hpp"

namespace gcstream_sim {

enum class DirectoryKind { queues, users };

class Directory {
 public:
  // Adds queues and users until there are so many, without a change to the others.
  Directory(Cast& cast, std::uint64_t seed, std::size_t queues, std::size_t users);

  // Pages count from 1.
  nlohmann::ordered_json page(DirectoryKind kind, std::size_t size, std::size_t number) const;
  bool has(DirectoryKind kind, std::string_view id) const;
  // Nothing more happens in a queue that was removed, nor to such a user.
  void add(DirectoryKind kind, const std::string& name);
  // False: there is none of that name.
  bool remove(DirectoryKind kind, std::string_view name);

 private:
  struct Entry {
    std::string id;
    std::string name;
    std::string email;  // users only
  };
  std::vector<Entry> entries(DirectoryKind kind) const;

  Cast& cast_;
  Random random_;
  std::set<std::string, std::less<>> removed_;  // ids
};

}  // namespace gcstream_sim
