// The words of the simulated contact centre. Constants only.
#pragma once

#include <array>
#include <string_view>

namespace gcstream_sim::words {

inline constexpr std::array<std::string_view, 24> kNames{"Zoë Lindström",
                                                         "José Ángel Muñoz",
                                                         "François Lefèvre",
                                                         "Jürgen Weiß",
                                                         "Małgorzata Wójcik",
                                                         "Siobhán O'Connor",
                                                         "Nguyễn Thị Hồng",
                                                         "Ḥasan Çelik",
                                                         "田中 美咲",
                                                         "王小明",
                                                         "김서연",
                                                         "Дмитрий Соколов",
                                                         "Αλέξης Παππάς",
                                                         "ياسمين حداد",
                                                         "अनन्या शर्मा",
                                                         "สมชาย ใจดี",
                                                         "Ada \"Ace\" Novak",
                                                         "Robert Smith Jr.",
                                                         "Chloé d'Aubigné 🎧",
                                                         "Maya Patel",
                                                         "Þórdís Jónsdóttir",
                                                         "Kwame Mensah",
                                                         "Łukasz \\ Żak",
                                                         "Lucía 🌟 Fernández"};

inline constexpr std::array<std::string_view, 8> kQueues{
    "Billing",          "Technical Support / 2nd line",
    "Réclamations",     "Rückfragen & Verträge",
    "カスタマー窓口",   "VIP \"Gold\"",
    "Ventas – América", "Chat: general"};

inline constexpr std::array<std::string_view, 4> kMedia{"voice", "chat", "email", "message"};

inline constexpr std::array<std::string_view, 8> kSkills{
    "billing", "english", "español", "français", "日本語", "retention", "networking", "returns"};

inline constexpr std::array<std::string_view, 6> kLanguages{"en-US", "de-DE", "fr-FR",
                                                            "es-MX", "ja-JP", "pl-PL"};

inline constexpr std::array<std::string_view, 6> kIntents{
    "invoice.question",      "delivery.late",     "password.reset",
    "contract.cancellation", "product.upgrade 🚀", "complaint"};

inline constexpr std::array<std::string_view, 10> kNotes{
    "Customer says: \"the parcel never came\"; promised a call back.",
    "Asked for a refund of 49,90 € – approved by the supervisor.",
    "Rappeler après 18 h, le client est en réunion.",
    "お客様は返品を希望しています。追跡番号を確認済み。",
    "Path given by the customer: C:\\Users\\zoe\\invoice.pdf",
    "Line 1: no dial tone.\nLine 2: fixed after a restart.",
    "Very happy with the help 🙂👍🏽, wants to stay with us.",
    "Vertrag läuft bis 31.12., Kündigung zurückgezogen.",
    "Tab\tseparated reference: 4711\t0815",
    "Клиент просит прислать копию договора по почте."};

inline constexpr std::array<std::string_view, 6> kWrapUps{
    "Resolved", "Follow-up needed", "Escalated – Tier 2", "Wrong number", "Transféré", "No answer"};

inline constexpr std::array<std::string_view, 4> kCodecs{"audio/opus", "audio/PCMU", "audio/PCMA",
                                                         "audio/G722"};

inline constexpr std::array<std::string_view, 4> kSentiments{"positive", "neutral", "negative",
                                                             "mixed"};

}  // namespace gcstream_sim::words
