"""Skin care of Suhadagoyomi, worded within what cosmetics may say, and the gifts and services of the house."""

from catalog.rules import ProductKind
from config.demo.goods import NORMAL, Goods, Look, Size, Words

CARE = "suhada-goyomi"
TEA = "koyomi-chaho"


def _look(shape: str, mark: str, body: str, accent: str, alt: str, ground: str = "#f1eef0") -> Look:
    return Look(shape=shape, body=body, accent=accent, ground=ground, mark=mark, alt=alt)


CARE_GOODS: tuple[Goods, ...] = (
    Goods(
        code="CARE-SOAP",
        brand=CARE,
        shelf="cleansing",
        tax="standard",
        kana="チャノミ セッケン",
        keywords="石けん 固形 洗顔 枠練り",
        ja=Words(
            name="茶の実石けん",
            summary="枠練りでひと月寝かせた、泡の細かな洗顔石けん。",
            description="茶の実油を配合し、枠に流してひと月乾かしました。弾力のある泡で、肌の汚れやメイクを包んで落とします。洗い上がりはしっとり。全成分は外箱をご覧ください。",
        ),
        en=Words(
            name="Tea Seed Oil Soap",
            summary="A slow-cured cleansing bar with fine foam.",
            description="Cast in frames and cured for a month. Springy foam that lifts away impurities.",
        ),
        look=_look("soap", "実", "#b8c4a0", "#f4f6ec", "茶の実石けん"),
        content=(90, "g"),
        days=60,
        sizes=(Size(code="90", price=1980, option="90g", option_en="90 g", grams=120, stock=(160, 90, 18)),),
    ),
    Goods(
        code="CARE-OIL",
        brand=CARE,
        shelf="cleansing",
        tax="standard",
        kana="クレンジング オイル",
        keywords="メイク落とし クレンジング",
        ja=Words(
            name="米ぬかクレンジングオイル",
            summary="こすらず、さっと。つっぱらないメイク落とし。",
            description="米ぬか油と茶の実油が、肌の上でほどけるようにメイクになじみます。濡れた手でもお使いいただけます。香料・着色料は使っていません。",
        ),
        en=Words(
            name="Rice Bran Cleansing Oil",
            summary="Melts make-up away without rubbing.",
            description="Rice bran and tea seed oils. Works with wet hands; no fragrance.",
        ),
        look=_look("pump", "糠", "#d9c08c", "#fbf4e2", "クレンジングオイルのポンプボトル"),
        content=(150, "ml"),
        days=60,
        sizes=(
            Size(code="150", price=2640, option="150ml", option_en="150 ml", grams=210, stock=(120, 70, 10)),
            Size(code="R", price=2310, option="150ml 詰め替え", option_en="150 ml refill", grams=170, stock=(140, 80, 6)),
        ),
    ),
    Goods(
        code="CARE-LOTION",
        brand=CARE,
        shelf="moisture",
        tax="standard",
        kana="チャヨウ ケショウスイ",
        keywords="化粧水 ローション 保湿",
        ja=Words(
            name="茶葉化粧水",
            summary="角層までうるおう、とろみのある化粧水。",
            description="静岡の茶葉から採ったエキスに、グリセリンとヒアルロン酸Na（いずれも保湿成分）を合わせました。手のひらで温めて、顔全体にゆっくりなじませてください。肌にうるおいを与え、すこやかに保ちます。",
        ),
        en=Words(
            name="Tea Leaf Lotion",
            summary="A silky lotion that moistens the skin.",
            description="Shizuoka tea extract with glycerin and sodium hyaluronate. Warm in your palms and press in.",
        ),
        look=_look("bottle", "水", "#8fb0a3", "#eef5f2", "化粧水の瓶"),
        content=(120, "ml"),
        days=45,
        sizes=(
            Size(code="120", price=3850, option="120ml", option_en="120 ml", grams=260, stock=(180, 110, 14)),
            Size(code="R", price=3300, option="110ml 詰め替え", option_en="110 ml refill", grams=130, stock=(150, 80, 6)),
        ),
    ),
    Goods(
        code="CARE-SERUM",
        brand=CARE,
        shelf="moisture",
        tax="standard",
        kana="ビヨウエキ シズク",
        keywords="美容液 セラム",
        ja=Words(
            name="美容液「しずく」",
            summary="乾きの気になる季節に、二、三滴。",
            description="セラミドとツバキ種子油（保湿成分）を配合した、軽い感触の美容液です。化粧水のあと、乾燥の気になるところに重ねてください。乾燥による小ジワを目立たなくします（効能評価試験済み）。",
        ),
        en=Words(
            name="Serum “Shizuku”",
            summary="Two or three drops for dry seasons.",
            description="Ceramides and camellia oil; light on the skin.",
        ),
        look=_look("dropper", "滴", "#7c6a8c", "#efeaf3", "スポイト付きの美容液の瓶"),
        content=(30, "ml"),
        days=45,
        sizes=(Size(code="30", price=6600, option="30ml", option_en="30 ml", grams=140, stock=(90, 50, 8)),),
    ),
    Goods(
        code="CARE-CREAM",
        brand=CARE,
        shelf="moisture",
        tax="standard",
        kana="ミツロウ クリーム",
        keywords="クリーム 保湿 蜜蝋",
        ja=Words(
            name="みつろうクリーム",
            summary="一日の終わりに、うるおいのふたを。",
            description="国産のみつろうとホホバ種子油でつくった、こっくりしたクリームです。少量を指先で温めて、頬や目もとに。肌をなめらかに保ち、乾燥を防ぎます。",
        ),
        en=Words(
            name="Beeswax Cream",
            summary="A rich finish to the day.",
            description="Japanese beeswax and jojoba. Warm a little between your fingertips.",
        ),
        look=_look("jar", "蜜", "#d8b45c", "#fbf3da", "クリームの瓶"),
        content=(40, "g"),
        days=60,
        sizes=(Size(code="40", price=4400, option="40g", option_en="40 g", grams=150, stock=(110, 60, 8)),),
    ),
    Goods(
        code="CARE-MASK",
        brand=CARE,
        shelf="moisture",
        tax="standard",
        kana="シート マスク",
        keywords="パック フェイスマスク",
        ja=Words(
            name="茶葉シートマスク 5枚",
            summary="十分間の、静かな時間。",
            description="茶葉エキスとアロエベラ（保湿成分）をたっぷり含ませた、薄い木綿のマスクです。週に一、二度、お風呂上がりに。",
        ),
        en=Words(name="Tea Leaf Sheet Masks, 5", summary="Ten quiet minutes.", description="Thin cotton, soaked in tea extract and aloe."),
        look=_look("pouch", "葉", "#9dbb9c", "#eef5ec", "シートマスクの袋に「葉」の文字"),
        content=(5, "枚"),
        days=30,
        sizes=(Size(code="5", price=1650, option="5枚入り", option_en="Pack of 5", grams=160, stock=(200, 100, 12)),),
    ),
    Goods(
        code="CARE-HAND",
        brand=CARE,
        shelf="body",
        tax="standard",
        kana="ユズ ハンドクリーム",
        keywords="ハンドクリーム 手 柚子",
        ja=Words(
            name="柚子ハンドクリーム",
            summary="水仕事のあとに。柚子の皮の精油で香りづけ。",
            description="シアバターと茶の実油を合わせた、べたつきの少ないハンドクリームです。手肌のかさつきを防ぎ、うるおいを保ちます。高知県産の柚子の精油を使用しています。",
        ),
        en=Words(
            name="Yuzu Hand Cream",
            summary="After the dishes; scented with yuzu.",
            description="Shea butter and tea seed oil, quickly absorbed.",
        ),
        look=_look("tube", "柚", "#e0c04f", "#fdf8df", "柚子ハンドクリームのチューブ"),
        content=(50, "g"),
        days=45,
        sizes=(Size(code="50", price=1540, option="50g", option_en="50 g", grams=70, stock=(220, 120, 24)),),
    ),
    Goods(
        code="CARE-BATH",
        brand=CARE,
        shelf="body",
        tax="standard",
        kana="チャブロ ニュウヨクリョウ",
        keywords="入浴料 お風呂 バスソルト",
        ja=Words(
            name="茶湯の入浴料 10包",
            summary="湯ぶねに茶葉の香り。浴用化粧料です。",
            description="煎茶の葉と天然塩を木綿の袋に詰めました。お湯に浮かべて、お好みでもんでお使いください。お湯は茶色く色づきますが、湯ぶねには残りません。",
        ),
        en=Words(
            name="Tea Bath Sachets, 10",
            summary="The scent of leaves in your tub.",
            description="Sencha and sea salt in cotton. Colours the water, not the bath.",
        ),
        look=_look("teabag", "湯", "#6f8f86", "#e6f0ec", "入浴料の箱"),
        content=(10, "包"),
        days=20,
        sizes=(Size(code="10", price=1760, option="30g×10包", option_en="10 × 30 g", grams=340, stock=(90, 50, 10)),),
    ),
    Goods(
        code="CARE-SUN",
        brand=CARE,
        shelf="body",
        tax="standard",
        kana="ヒヤケドメ ミルク",
        keywords="日焼け止め UV SPF",
        ja=Words(
            name="日やけ止めミルク SPF30・PA+++",
            summary="石けんで落とせる、ふだん使いの日やけ止め。",
            description="紫外線吸収剤を使わない、白くなりにくい乳液タイプです。お出かけの三十分前に、むらなくのばしてください。汗をかいたあとは塗り直しを。",
        ),
        en=Words(
            name="Sun Milk SPF30 PA+++",
            summary="Everyday protection, washes off with soap.",
            description="No chemical filters; light and sheer. Reapply after sweating.",
        ),
        look=_look("tube", "陽", "#e3a46a", "#fdeedd", "日やけ止めミルクのチューブ"),
        content=(40, "ml"),
        days=40,
        sizes=(Size(code="40", price=2420, option="40ml", option_en="40 ml", grams=65, stock=(130, 70, 12)),),
    ),
    Goods(
        code="CARE-TRIAL",
        brand=CARE,
        shelf="moisture",
        tax="standard",
        kana="トライアル セット",
        keywords="お試し 七日間 初回",
        ja=Words(
            name="七日間おためしセット",
            summary="石けん、化粧水、クリームを七日分。",
            description="はじめての方に。茶の実石けん15g、茶葉化粧水14ml、みつろうクリーム5gを、木綿の巾着に入れてお届けします。おひとりさま一点まで。",
        ),
        en=Words(
            name="Seven-Day Trial Set", summary="Soap, lotion and cream for a week.", description="In a cotton pouch. One per person."
        ),
        look=_look("giftset", "試", "#a7b8b0", "#f2f6f4", "おためしセットの巾着"),
        content=(7, "日分"),
        days=7,
        forms=NORMAL,
        sizes=(Size(code="7", price=1320, option="7日分", option_en="7 days", grams=110, stock=(150, 90, 20), most=1),),
    ),
)

GIFTS: tuple[Goods, ...] = (
    Goods(
        code="GIFT-TEA3", brand=TEA, shelf="gift", kana="コヨミ ツメアワセ", keywords="ギフト 贈り物 詰め合わせ お歳暮 お中元",
        ja=Words(name="こよみ詰め合わせ 三缶", summary="煎茶、ほうじ茶、和紅茶。迷ったらこの三つ。", description="煎茶「こよみ」100g、茎ほうじ茶「あかね」100g、丹野平の和紅茶60gを、若草色の紙箱に納めました。のし紙、お名入れを承ります。手提げ袋をお付けします。"),
        en=Words(name="Koyomi Gift Box, Three Teas", summary="Sencha, hojicha and wakocha.", description="Our three favourites in a young-green box. Noshi paper on request."),
        look=_look("giftset", "贈", "#5f8a58", "#e9f1e0", "三つの茶が入った贈答箱", "#eef2e6"), forms=NORMAL,
        sizes=(Size(code="3", price=3564, option="三缶 化粧箱入り", option_en="Three in a gift box", grams=620, stock=(0, 0, 0),
                    parts=(("TEA-SENCHA-100", 1), ("TEA-HOJI-100", 1), ("TEA-WAKOCHA-60", 1), ("BOX-GIFT3", 1))),),
    ),
    Goods(
        code="GIFT-SWEET", brand=TEA, shelf="gift", kana="オチャト オカシ", keywords="ギフト 手土産 内祝い お歳暮",
        ja=Words(name="お茶とお菓子の小箱", summary="ほうじ茶ティーバッグと、茶せんべい。", description="手土産にほどよい大きさの小箱です。ほうじ茶ティーバッグ20包と茶せんべい12枚を納めました。"),
        en=Words(name="Tea and Crackers Box", summary="A small thank-you.", description="Hojicha bags and tea crackers in a small box."),
        look=_look("giftset", "菓", "#b07a4a", "#f7ead9", "お茶とお菓子の小箱", "#f6ede3"), forms=NORMAL,
        sizes=(Size(code="1", price=1836, option="小箱", option_en="Small box", grams=330, stock=(0, 0, 0),
                    parts=(("TEA-HOJI-TB-20", 1), ("FOOD-SENBEI-12", 1), ("BOX-GIFT1", 1))),),
    ),
    Goods(
        code="GIFT-CARE", brand=CARE, shelf="gift", tax="standard", kana="ハンド ケア ギフト", keywords="ギフト 誕生日 母の日",
        ja=Words(name="手もとの贈りもの", summary="柚子ハンドクリームと茶の実石けん。", description="柚子ハンドクリーム50gと茶の実石けん90gを、生成りの箱に。メッセージカードを添えられます。"),
        en=Words(name="A Gift for the Hands", summary="Yuzu hand cream and tea seed soap.", description="In an undyed box, with a card if you like."),
        look=_look("giftset", "結", "#c9a94e", "#fbf6e2", "ハンドクリームと石けんの贈答箱"), forms=NORMAL,
        sizes=(Size(code="1", price=3630, option="化粧箱入り", option_en="Gift box", grams=260, stock=(0, 0, 0),
                    parts=(("CARE-HAND-50", 1), ("CARE-SOAP-90", 1), ("BOX-GIFT1", 1))),),
    ),
    Goods(
        code="SERVICE-LESSON", brand=TEA, shelf="lesson", tax="standard", kana="オチャノ イレカタ コウザ", keywords="講座 教室 体験",
        ja=Words(name="お茶の入れ方 小さな講座（神保町店）", summary="土曜の午前に、八名まで。", description="急須の持ち方から二煎目まで、九十分でひととおり。三種の飲み比べとお菓子付きです。日程はご注文のあと、店からご連絡します。"),
        en=Words(name="A Small Lesson in Brewing (Jimbocho)", summary="Saturday mornings, up to eight people.", description="Ninety minutes, three teas, one sweet. We will write to agree on a date."),
        look=_look("kyusu", "習", "#8a6f5a", "#f3ebe2", "急須と湯のみ", "#f5f0ea"), kind=ProductKind.SERVICE, forms=NORMAL,
        sizes=(Size(code="90", price=3300, option="90分", option_en="90 minutes", stock=(0, 0, 0), most=2),),
    ),
    Goods(
        code="REF-OTHER", brand="", shelf="", tax="standard", kana="タシャ ホシツ ケショウスイ", keywords="",
        ja=Words(name="（他社）保湿化粧水", summary="お客様がお使いの品として記録するための項目です。", description="販売はしていません。カルテやご提案で、他社の品を指すために使います。"),
        en=Words(name="(Another brand) moisturising lotion", summary="For the record only.", description="Not for sale; names what a customer uses."),
        look=_look("bottle", "他", "#b9b9b9", "#f2f2f2", "灰色の瓶"), kind=ProductKind.REFERENCE, forms=NORMAL, sizes=(),
    ),
)  # fmt: skip
