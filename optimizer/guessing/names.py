"""The words by which headers name our columns, in English, French, German and Spanish; nearest first.

Each line holds names of the same rank: where a file has one of an earlier line, those of later lines are passed over.
"""

from __future__ import annotations

import re
from typing import Final

from optimizer.presets.preset import plain

_ASIDE: Final = re.compile(r"\((?:[^()]*)\)|\[[^\[\]]*\]")
_UNITS: Final = re.compile(r"(?: |^)(?:eur|euros?|usd|gbp|chf|ht|ttc|net|pct|percent|pourcent|%|€|\$|£|nb|n°)(?= |$)")

_NAMES: Final = {
    "creator": """
        creator|handle|instagram handle|tiktok handle|ig handle|youtube handle|account handle|influencer handle
          |creator handle|handle or url|handle or link|@|@handle|@username
        username|user name|nom d'utilisateur|pseudo|instagram username|tiktok username|benutzername|nombre de usuario
          |usuario|nick|identifiant|nom d'utilisateur instagram
        account|compte|konto|cuenta|profile|profil|perfil|account name|profile name|compte instagram|compte tiktok
          |instagram name|instagram account|creator username|influencer username
        profile url|profile link|url|link|lien|lien du profil|account url|channel url|instagram url|tiktok url
          |instagram link|enlace|profillink|instagram profile|tiktok profile|homepage
        influencer|creator name|influencer name|influenceur|influenceuse|créateur|créatrice|kreator|creador|channel
          |channel name|channel title|page name|talent
        name|nom|nombre|full name|nom complet|display name
        creator id|influencer id|user id|account id|channel id|profile id|id
    """,
    "platform": """
        platform|plateforme|social platform|réseau|réseau social|network|social network|social media platform|plattform
          |netzwerk|plataforma|red social|primary platform|main platform|soziales netzwerk
        channel|canal|kanal|social media|media
    """,
    "niche": """
        niche|niches|nische|nicho|primary niche|main niche|content niche|niche category
        category|catégorie|categories|catégories|kategorie|categoría|category name|main category|content category
          |primary category|category 1
        topic|topics|theme|thème|thèmes|thématique|thématiques|thema|themen|tema|temática|vertical|genre|univers
          |interests|niche1|niche 1
    """,
    "country": """
        country|pays|land|país|pais|country code|code pays|creator country|ländercode
        location country|audience country|audience country mostly|pays de l'audience|main country|top country
        location|geo|localisation|standort|ubicación|market|marché|region|région
    """,
    "currency": "currency|devise|währung|moneda|currency code",
    "followers": """
        followers|follower|follower count|followers count|abonnés|nombre d'abonnés|nombre abonnés|abonnes
          |total followers|subscribers|subscriber count|subs|fans|fan count|seguidores|suscriptores|abonnenten
          |follower number|number of followers|anzahl follower|abos|total abonnés|communauté|粉丝数
        instagram followers|tiktok followers|youtube followers|youtube subscribers|ig followers|abonnés instagram
          |abonnés tiktok|abonnés youtube|facebook followers|followers ig|followers instagram|followers tiktok
        audience size|audience|community size|taille de la communauté|reichweite
    """,
    "engagement_rate": """
        engagement rate|er|eng rate|engagement rate avg|avg engagement rate|average engagement rate|taux d'engagement
          |taux engagement|tx d'engagement|tx engagement|engagementrate|engagement rate moyen|interaktionsrate
          |tasa de engagement|tasa de interacción|tasa de compromiso|interaction rate|engagement ratio|互动率
          |taux d'engagement moyen|engagement percentage
        engagement|eng
    """,
    "average_engagements": """
        average engagements|average engagement|avg engagement|avg engagements|engagement avg|engagement moyen
          |engagements moyens|average interactions|avg interactions|interactions moyennes|mean engagements
          |durchschnittliche interaktionen|interacciones medias|eng avg
        engagements|interactions|engagement
    """,
    "average_views": """
        average views|avg views|views avg|vues moyennes|moyenne de vues|moyenne des vues|nombre de vues moyen
          |vues moy|avg video views|average video views|avg reel views|average reel views|median views|mean views
          |avg recent views|average views per video|views per post|views per video|average views per post
          |durchschnittliche views|durchschnittliche aufrufe|visualizaciones medias|vistas medias
          |平均播放量|avg plays|average plays
        views|vues|aufrufe|vistas
    """,
    "authenticity": """
        authenticity|real followers|credibility|audience credibility|crédibilité|authenticité|authentizität|autenticidad
          |real audience|authentic audience|vrais abonnés|echte follower
    """,
    "all but authenticity": """
        fake followers|fake follower|faux abonnés|fake followers rate|fake follower rate|suspicious followers|bots
          |fake follower percentage|fake followers percentage|seguidores falsos|fake|part de faux abonnés
    """,
    "likes": """
        avg likes|avg like|average like|average likes|likes avg
          |mean likes|likes moyens|moyenne de likes|median likes|likes per post
          |durchschnittliche likes|me gusta medios|avg like count
    """,
    "comments": """
        avg comments|avg comment|average comment|average comments|comments avg
          |mean comments|commentaires moyens|moyenne de commentaires
          |median comments|comments per post|durchschnittliche kommentare|comentarios medios|avg comment count
    """,
    "fee": """
        fee|fees|price|prix|tarif|tarifs|cachet|creator fee|influencer fee|asking price|honorar|preis|precio|tarifa
          |honoraires|price per post|cost per post|rate per post|fee per post|tarif par post|prix par post|post price
          |post fee|estimated price|prix indicatif|devis|quote|quoted price|tarif indicatif|montant
        cost|coût|estimated cost|kosten|coste|rate card|base rate|post rate card|flat fee|avg price|average price
    """,
}
RANKS: Final = {
    ours: [
        frozenset(plain(name.strip()) for name in line.split("|")) for line in re.split(r"\n\s*(?!\s*\|)", said.strip())
    ]
    for ours, said in _NAMES.items()
}

KINDS: Final = {
    "post": "post|posts|publication|photo|image|feed|beitrag|static",
    "story": "story|stories|storys",
    "reel": "reel|reels",
    "video": "video|videos|vidéo|vidéos|vídeo|youtube|tiktok|integration|dedicated",
    "short": "short|shorts",
    "carousel": "carousel|carrousel|karussell",
    "live": "live|lives",
}
_FEES: Final = frozenset("fee fees price prix tarif tarifs cachet cost coût rate preis precio tarifa honorar".split())
_NO_FEES: Final = frozenset("engagement view click conversion response completion total growth cpm cpe cpv".split())
OF_POSTS: Final = frozenset(
    plain(name)
    for name in (
        "post id|permalink|post url|video title|video link|post link|publish time|post time|shortcode|caption|media id"
        "|video id|posted at|titre de la vidéo|content id|heure de publication de la vidéo"
    ).split("|")
)


def bare(header: str) -> str:
    """A header without units and what stands in brackets: `Prix (€ HT)` is `prix`."""
    short = _UNITS.sub("", plain(_ASIDE.sub(" ", header)))
    return " ".join(short.split()) or plain(header)


def rank(header: str, ours: str) -> int | None:
    """How near a header is to one of our columns: 0 is nearest, None is not at all."""
    names = {bare(header), plain(header)}
    return next((at for at, line in enumerate(RANKS[ours]) if names & line), None)


def kind_of_fee(header: str) -> str | None:
    """The kind of piece whose fee a header names, as `Tarif story`."""
    words = set(bare(header).replace("'", " ").split())
    if not words & _FEES or words & _NO_FEES:
        return None
    found = [kind for kind, names in KINDS.items() if words & set(names.split("|"))]
    return found[0] if len(found) == 1 else None


def says_percent(header: str) -> bool:
    """Whether a header says that its cells are in percent."""
    return bool(re.search(r"%|\b(?:pct|percent|percentage|pourcent)\b", plain(header)))
