"""The teas of Koyomido."""

from catalog.rules import ProductStatus
from config.demo.goods import NORMAL, Goods, Look, Size, Words

TEA = "koyomi-chaho"


def _tin(mark: str, body: str, accent: str, alt: str, *, shape: str = "tin", ground: str = "#eef2e6") -> Look:
    return Look(shape=shape, body=body, accent=accent, ground=ground, mark=mark, alt=alt)


TEAS: tuple[Goods, ...] = (
    Goods(
        code="TEA-SENCHA", brand=TEA, shelf="sencha", kana="カワネ フカムシ センチャ コヨミ", keywords="緑茶 日本茶 深蒸し 静岡",
        ja=Words(
            name="川根深蒸し煎茶「こよみ」", summary="毎日の食卓に。まろやかな甘みの深蒸し煎茶です。",
            description="大井川の上流、朝霧のかかる川根の茶園から届く一番茶を、ふだんの二倍ほどの時間をかけて蒸しました。渋みがやわらかく、少しぬるめのお湯でも濃い水色（すいしょく）に入ります。\n"
            "おすすめの入れ方：茶葉5g、80℃のお湯200ml、蒸らし40秒。二煎目は少し熱めのお湯で、待たずに注いでください。",
        ),
        en=Words(
            name="Kawane Deep-Steamed Sencha “Koyomi”", summary="A mellow green tea for every day.",
            description="First-flush leaves from the misty hills of Kawane in Shizuoka, steamed twice as long as usual. Gentle, full and forgiving: 5 g of leaf, 200 ml of water at 80 °C, 40 seconds.",
        ),
        look=_tin("煎", "#4f7a4c", "#dfe8cf", "若葉色の丸い茶缶に「煎」の文字"), content=(100, "g"), days=30, more_shelves=("tea",),
        sizes=(
            Size(code="100", price=1080, option="100g 袋", option_en="100 g pouch", grams=110, stock=(320, 140, 24)),
            Size(code="200", price=1998, option="200g 缶", option_en="200 g tin", grams=290, stock=(150, 60, 12)),
        ),
    ),
    Goods(
        code="TEA-SHINCHA", brand=TEA, shelf="sencha", kana="シンチャ ハツツミ", keywords="新茶 一番茶 初摘み 八十八夜",
        ja=Words(
            name="新茶 初摘み", summary="四月に摘んだ、その年はじめての香り。",
            description="四月の中旬、まだやわらかい一芯二葉だけを手で摘みました。火入れはごく軽く、青い香りを残しています。開封後はお早めに、冷蔵庫に入れる場合は密閉してお使いください。",
        ),
        en=Words(name="Shincha, First Picking", summary="The first green of the year.", description="Hand-picked in mid-April and fired only lightly to keep its fresh scent. Enjoy soon after opening."),
        look=_tin("新", "#6f9a4a", "#eef5d8", "明るい緑の茶袋に「新」の文字", shape="pouch"), content=(80, "g"), days=25,
        sizes=(Size(code="80", price=1620, option="80g 袋", option_en="80 g pouch", grams=95, stock=(40, 16, 4), most=5),),
    ),
    Goods(
        code="TEA-GYOKURO", brand=TEA, shelf="sencha", kana="アサヒナ ギョクロ ツキシロ", keywords="玉露 高級 覆い香",
        ja=Words(
            name="朝比奈玉露「つきしろ」", summary="ゆっくりと、ひとしずくずつ味わう玉露。",
            description="収穫前の二十日間、こもで日差しを遮って育てた茶葉です。50℃まで冷ましたお湯を少しだけ注ぎ、二分半。出汁のような旨みと、海苔に似た香りが広がります。飲み終えた茶葉は、ぽん酢をかけて召し上がれます。",
        ),
        en=Words(name="Asahina Gyokuro “Tsukishiro”", summary="Shade-grown, to be sipped drop by drop.", description="Shaded for twenty days before picking. A little water at 50 °C, two and a half minutes: deep umami, like broth."),
        look=_tin("玉", "#2f5d50", "#d7e4dd", "深い緑の茶缶に「玉」の文字"), content=(50, "g"), days=25,
        sizes=(Size(code="50", price=2700, option="50g 缶", option_en="50 g tin", grams=130, stock=(60, 24, 8)),),
    ),
    Goods(
        code="TEA-HOJI", brand=TEA, shelf="hojicha", kana="クキ ホウジチャ アカネ", keywords="焙じ茶 茎茶 香ばしい",
        ja=Words(
            name="茎ほうじ茶「あかね」", summary="部屋じゅうが香ばしくなる、浅煎りの茎ほうじ茶。",
            description="一番茶の茎だけを選び、砂で転がしながら浅く焙じました。熱湯をたっぷり注いで30秒。食後にも、夜のひと息にも向く、軽やかな味わいです。",
        ),
        en=Words(name="Kuki Hojicha “Akane”", summary="Light-roasted stems; the whole room smells of it.", description="Stems of the first flush, roasted lightly over sand. Boiling water, 30 seconds."),
        look=_tin("焙", "#9a5a35", "#f3e3d3", "茜色の茶袋に「焙」の文字", shape="pouch", ground="#f6ede3"), content=(100, "g"), days=30,
        sizes=(
            Size(code="100", price=864, option="100g 袋", option_en="100 g pouch", grams=110, stock=(260, 110, 20)),
            Size(code="300", price=2268, option="300g 徳用", option_en="300 g value pack", grams=320, stock=(80, 30, 0)),
        ),
    ),
    Goods(
        code="TEA-HOJI-TB", brand=TEA, shelf="teabag", kana="ホウジチャ ティーバッグ", keywords="焙じ茶 ティーパック 個包装",
        ja=Words(name="ほうじ茶ティーバッグ 20包", summary="マグカップにひとつ。職場にも旅先にも。", description="「あかね」と同じ茎ほうじ茶を、ゆったりした三角のバッグに詰めました。一包でマグカップ一杯分。土にかえる植物由来のフィルターです。"),
        en=Words(name="Hojicha Tea Bags, 20", summary="One per mug, at home or away.", description="The same stems as “Akane” in roomy plant-based pyramids."),
        look=_tin("焙", "#a8683f", "#f5e6d6", "ほうじ茶ティーバッグの箱", shape="teabag", ground="#f6ede3"), content=(20, "包"), days=20,
        sizes=(Size(code="20", price=756, option="2g×20包", option_en="20 × 2 g", grams=80, stock=(300, 120, 30)),),
    ),
    Goods(
        code="TEA-GENMAI", brand=TEA, shelf="hojicha", kana="ゲンマイチャ イナホ", keywords="玄米茶 もち米",
        ja=Words(name="玄米茶「いなほ」", summary="国産もち米の香ばしさと、番茶のさっぱり。", description="静岡県産の番茶に、釜で炒った国産のもち米を同じ量だけ合わせました。熱湯で気軽に入れられて、お茶漬けにもよく合います。"),
        en=Words(name="Genmaicha “Inaho”", summary="Toasted rice and brisk bancha.", description="Equal parts of Shizuoka bancha and kettle-toasted rice."),
        look=_tin("玄", "#b79247", "#f7efd9", "稲穂色の茶袋に「玄」の文字", shape="pouch", ground="#f7f2e4"), content=(200, "g"), days=40,
        sizes=(Size(code="200", price=810, option="200g 袋", option_en="200 g pouch", grams=215, stock=(220, 90, 16)),),
    ),
    Goods(
        code="TEA-WAKOCHA", brand=TEA, shelf="wakocha", kana="タンバタ ワコウチャ", keywords="紅茶 和紅茶 べにふうき",
        ja=Words(name="丹野平の和紅茶", summary="蜜のような甘い香り。渋みの少ない国産紅茶。", description="夏に摘んだ茶葉をゆっくり萎れさせ、低い温度で発酵させました。砂糖なしでもほのかに甘く、牛乳にも負けません。熱湯200mlに3g、三分が目安です。"),
        en=Words(name="Tannodaira Wakocha", summary="Japanese black tea with a honeyed scent.", description="Summer leaf, slowly withered and gently oxidised. Soft enough without sugar."),
        look=_tin("紅", "#8c3b3a", "#f2dcd6", "臙脂色の茶缶に「紅」の文字", ground="#f6ebe7"), content=(60, "g"), days=25,
        sizes=(Size(code="60", price=1296, option="60g 缶", option_en="60 g tin", grams=150, stock=(110, 40, 10)),),
    ),
    Goods(
        code="TEA-YUZU", brand=TEA, shelf="wakocha", kana="ユズ リョクチャ", keywords="柚子 ゆず フレーバーティー",
        ja=Words(name="柚子緑茶", summary="高知の柚子の皮を、そのまま煎茶に。", description="高知県産の柚子の皮を低温で乾かし、煎茶に一割ほど混ぜました。香料は使っていません。冷たく入れてもすっきりした香りが残ります。"),
        en=Words(name="Yuzu Green Tea", summary="Sencha with dried yuzu peel from Kochi.", description="One part dried peel to nine parts sencha; no flavourings. Lovely iced."),
        look=_tin("柚", "#c7a02f", "#fbf3d3", "柚子色の茶袋に「柚」の文字", shape="pouch", ground="#f9f5e2"), content=(70, "g"), days=25,
        sizes=(Size(code="70", price=1026, option="70g 袋", option_en="70 g pouch", grams=85, stock=(140, 60, 14)),),
    ),
    Goods(
        code="TEA-MATCHA", brand=TEA, shelf="matcha", kana="マッチャ ハツネ", keywords="抹茶 薄茶 点前",
        ja=Words(name="抹茶「初音」", summary="はじめての薄茶に。やさしい苦みの石臼挽き。", description="碾茶を石臼で一時間に40gずつ挽きました。茶筅がなくても、ふた付きの瓶で振れば気軽な一服に。お菓子作りには少しもったいない味です。"),
        en=Words(name="Matcha “Hatsune”", summary="Stone-ground, for a first bowl of usucha.", description="Ground at 40 g an hour. No whisk? Shake it in a jar."),
        look=_tin("抹", "#5c8a3a", "#e9f1d6", "小さな抹茶缶に「抹」の文字", shape="smalltin"), content=(30, "g"), days=20,
        sizes=(Size(code="30", price=1728, option="30g 缶", option_en="30 g tin", grams=90, stock=(70, 30, 8)),),
    ),
    Goods(
        code="TEA-SOBA", brand=TEA, shelf="caffeine-free", kana="ダッタン ソバチャ", keywords="蕎麦茶 ノンカフェイン 韃靼",
        ja=Words(name="韃靼そば茶", summary="北海道の韃靼そばだけで。カフェインを含みません。", description="北海道で育った韃靼そばの実を、殻ごと焙煎しました。香ばしい湯気のあとに、ほのかな甘み。残った実はサラダやごはんに混ぜて召し上がれます。そばアレルギーの方はお控えください。"),
        en=Words(name="Tartary Buckwheat Tea", summary="Caffeine-free, from Hokkaido.", description="Whole roasted grains; eat what is left in the pot. Contains buckwheat."),
        look=_tin("蕎", "#7d6a4f", "#efe7d8", "そば茶の袋に「蕎」の文字", shape="pouch", ground="#f3eee4"), content=(150, "g"), days=30,
        sizes=(Size(code="150", price=972, option="150g 袋", option_en="150 g pouch", grams=165, stock=(160, 70, 12)),),
    ),
    Goods(
        code="TEA-KUROMAME", brand=TEA, shelf="caffeine-free", kana="タンバ クロマメチャ ティーバッグ", keywords="黒豆茶 ノンカフェイン",
        ja=Words(name="丹波黒豆茶 15包", summary="まるごと焙煎した黒豆の、ふくよかな甘み。", description="兵庫県丹波産の黒大豆を遠赤外線でじっくり焙煎しました。熱湯で五分、お湯を注いだまま置いても渋くなりません。カフェインを含みません。"),
        en=Words(name="Tamba Black Soybean Tea, 15 bags", summary="Round and sweet, caffeine-free.", description="Slow-roasted Tamba black soybeans. Leave it in the cup as long as you like."),
        look=_tin("豆", "#4a4150", "#e5e0ea", "黒豆茶ティーバッグの箱", shape="teabag", ground="#efedf2"), content=(15, "包"), days=15,
        sizes=(Size(code="15", price=918, option="5g×15包", option_en="15 × 5 g", grams=110, stock=(180, 80, 12)),),
    ),
    Goods(
        code="TEA-MIZUDASHI", brand=TEA, shelf="teabag", kana="ミズダシ リョクチャ", keywords="水出し 冷茶 夏",
        ja=Words(name="水出し緑茶 12包", summary="冷たい水に入れて一晩。夏の冷蔵庫に。", description="一包で1リットル。氷水なら二時間、冷蔵庫なら一晩で、渋みのない澄んだ緑茶になります。来年の五月までお休みをいただきます。"),
        en=Words(name="Cold-Brew Green Tea, 12 bags", summary="Overnight in cold water.", description="One bag for a litre. Back next May."),
        look=_tin("冷", "#3f7f8c", "#d9ecee", "水出し緑茶の箱", shape="teabag", ground="#e8f2f3"), content=(12, "包"), days=12, status=ProductStatus.ENDED,
        sizes=(Size(code="12", price=702, option="10g×12包", option_en="12 × 10 g", grams=140, stock=(9, 0, 0)),),
    ),
    Goods(
        code="TEA-SENCHA-BOX", brand=TEA, shelf="sencha", kana="ワケアリ ハコツブレ センチャ", keywords="訳あり アウトレット 箱つぶれ",
        ja=Words(name="【訳あり】外箱つぶれ 煎茶「こよみ」200g缶", summary="外箱にへこみのある品を、お求めやすく。", description="輸送中に外箱がへこんだ「こよみ」200g缶です。中の茶缶と茶葉は通常品と変わりません。贈りものには向きませんが、ご家庭用にどうぞ。数に限りがあります。"),
        en=Words(name="Sencha “Koyomi” 200 g, Dented Box", summary="Same tea, dented outer box.", description="Only the outer box is dented. For your own kitchen; limited quantity."),
        look=_tin("煎", "#6b8566", "#e3e7d6", "へこみのある箱と茶缶", shape="dentedbox"), content=(200, "g"), days=60, forms=NORMAL,
        sizes=(Size(code="B", price=1480, option="B品 200g缶", option_en="B-grade 200 g tin", grams=290, stock=(14, 0, 3), most=2, b_grade=True),),
    ),
    Goods(
        code="TEA-SINGLE", brand=TEA, shelf="sencha", kana="ヤブキタ タンイツ ノウエン", keywords="単一農園 来春",
        ja=Words(name="単一農園 やぶきた（来春発売予定）", summary="ひとつの畑だけで仕立てた煎茶。", description="来春の発売に向けて、畑と仕上げを選んでいるところです。"),
        en=Words(name="Single-Garden Yabukita (next spring)", summary="One field, one tea.", description="In preparation for next spring."),
        look=_tin("園", "#58804f", "#e6edda", "準備中の茶缶"), content=(60, "g"), status=ProductStatus.DRAFT,
        sizes=(Size(code="60", price=1944, option="60g 缶", option_en="60 g tin", grams=150, stock=(0, 0, 0)),),
    ),
)  # fmt: skip
