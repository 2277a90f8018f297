#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/sinks/delivery.hpp"
#include "helpers/fake_disk.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {

using namespace std::chrono_literals;

inline constexpr Place kStart{1, 10};

/// A delivery on a disk in memory, and all that it told its stream.
class DeliveryTest : public testing::Test, public DeliveryObserver {
 protected:
  void on_sinks_down() override { news_.emplace_back("sinks down"); }
  void on_sinks_up() override { news_.emplace_back("sinks up"); }
  void on_record(const AuditRecord& record) override {
    std::string fields = record.fields();
    if (const auto at = fields.find(",\"hint\""); at != std::string::npos)
      fields.erase(at);
    news_.push_back(record.type() + fields);
  }
  void on_settled() override { ++durables_; }
  void on_save_wanted() override {
    auto sinks = delivery_->saved_sinks();
    if (knows_all(sinks)) {
      news_.emplace_back("save wanted");
      saves_.push_back({position(), std::move(sinks)});
    } else {  // files that were entered are saved at once
      delivery_->saved(answer_.value_or(true));
      return;
    }
    if (answer_)
      delivery_->saved(*answer_);
  }
  Now now() override { return now_at(now_); }

  /// Whether these are the files of the last save; from now on they are.
  bool knows_all(const std::map<std::string, SavedSink>& sinks) {
    bool all = true;
    for (const auto& [name, sink] : sinks)
      all = std::exchange(files_[name], sink.file) == sink.file && all;
    return all;
  }
  SinkConfig& add(const std::string& type, const std::string& name, bool required = true) {
    SinkConfig sink;
    sink.type = type;
    sink.name = name;
    sink.required = required;
    sink.path = "/nowhere/" + name;
    sink.sync = SinkConfig::Sync::batch;
    sink.retry = {1ms, 1ms, Jitter::none};
    config_.sinks.push_back(sink);
    return config_.sinks.back();
  }
  FakeFile& file(const std::string& name) { return bench_.disk["/nowhere/" + name]; }
  std::string path(const std::string& name) const { return "/nowhere/" + name; }
  /// Another name for what a sink writes to, and nothing under the old one.
  std::shared_ptr<FakeFile> rotate(const std::string& name) {
    return bench_.disk.take_away(path(name));
  }
  const std::string& content(const std::string& name) { return file(name).content; }
  std::string make() {
    delivery_ = std::make_unique<Delivery>(bench_.context, config_, *this);
    return delivery_->open({kStart, saved_, true, false});
  }
  void deliver(SequenceNumber number, std::string_view type = "a") {
    const std::string line = fmt::format("{}", number);
    delivery_->deliver({line, type, number, {}}, now_at(0s));
  }
  bool settle() {
    delivery_->flush();
    return bench_.run_until([this] { return delivery_->settled(); });
  }
  bool wait_for(const std::string& piece) {
    return bench_.run_until([&] { return told(piece); });
  }
  bool told(const std::string& piece) const {
    return std::any_of(news_.begin(), news_.end(), [&](const std::string& one) {
      return one.find(piece) != std::string::npos;
    });
  }
  std::optional<SequenceNumber> position() const {
    const auto place = delivery_->position();
    return place ? std::optional(place->number) : std::nullopt;
  }

  std::size_t count(const std::string& piece) const {
    return static_cast<std::size_t>(std::count_if(
        news_.begin(), news_.end(),
        [&](const std::string& one) { return one.find(piece) != std::string::npos; }));
  }
  /// What is ready to run, and nothing that needs the disk's thread.
  void turn() {
    bench_.loop.restart();
    bench_.loop.poll();
  }

  /// What the stream saved when it was asked to.
  struct Saved {
    std::optional<SequenceNumber> position;
    std::map<std::string, SavedSink> sinks;
  };

  SinkBench bench_;
  StreamConfig config_;
  std::map<std::string, SavedSink> saved_;
  std::vector<std::string> news_;
  std::vector<Saved> saves_;
  std::optional<bool> answer_;  ///< given at once; else the test gives it
  std::chrono::milliseconds now_{0};
  int durables_ = 0;
  std::map<std::string, FileId> files_;
  std::unique_ptr<Delivery> delivery_;
};

}  // namespace gcstreamd
