"""Health foods and sweets of Koyomido, worded as food and nothing more."""

from catalog.rules import TemperatureZone
from config.demo.goods import NORMAL, Goods, Look, Size, Words

FOOD = "koyomi-chaho"


def _look(shape: str, mark: str, body: str, accent: str, alt: str, ground: str = "#f5efe4") -> Look:
    return Look(shape=shape, body=body, accent=accent, ground=ground, mark=mark, alt=alt)


FOODS: tuple[Goods, ...] = (
    Goods(
        code="FOOD-AOJIRU", brand=FOOD, shelf="powder", kana="オオムギワカバ アオジル", keywords="青汁 大麦若葉 粉末 スティック",
        ja=Words(name="大麦若葉の青汁 30本", summary="熊本の大麦若葉だけ。お茶屋が飲みやすく仕上げました。", description="熊本県産の大麦若葉を、刈り取ったその日に乾かして粉にしました。煎茶の粉をひとつまみ加え、青くささをおさえています。水でも牛乳でも、一日一本を目安に。食生活は、主食、主菜、副菜を基本に、食事のバランスを。"),
        en=Words(name="Young Barley Grass Powder, 30 sticks", summary="Only barley grass, softened with a pinch of sencha.", description="From Kumamoto, dried on the day of harvest. One stick a day in water or milk."),
        look=_look("stick", "若", "#6c9a3d", "#eaf3d6", "青汁のスティックと箱"), content=(30, "本"), days=30,
        sizes=(
            Size(code="30", price=2980, option="3g×30本", option_en="30 × 3 g", grams=140, stock=(240, 120, 10)),
            Size(code="90", price=7980, option="3g×90本", option_en="90 × 3 g", grams=400, stock=(70, 40, 0)),
        ),
    ),
    Goods(
        code="FOOD-KOUSO", brand=FOOD, shelf="powder", kana="コウジ アマザケ パウダー", keywords="米麹 甘酒 粉末",
        ja=Words(name="米麹甘酒パウダー", summary="お湯でとくだけ。砂糖を加えない麹の甘み。", description="国産米と米麹だけで仕込んだ甘酒を、そのまま粉にしました。アルコールは含みません。ヨーグルトや紅茶の甘みづけにもお使いいただけます。"),
        en=Words(name="Rice Koji Amazake Powder", summary="Sweetness from koji alone.", description="Just rice and koji, dried to a powder. Alcohol-free."),
        look=_look("pouch", "麹", "#c9b48a", "#fbf6e9", "甘酒パウダーの袋に「麹」の文字"), content=(180, "g"), days=20,
        sizes=(Size(code="180", price=1382, option="180g 袋", option_en="180 g pouch", grams=200, stock=(130, 60, 10)),),
    ),
    Goods(
        code="FOOD-KUROZU", brand=FOOD, shelf="drink", kana="クロズ リンゴ", keywords="黒酢 林檎 りんご酢 飲む酢",
        ja=Words(name="飲む黒酢 りんご", summary="鹿児島の黒酢に、青森のりんご果汁をたっぷり。", description="つぼ造りの黒酢を、青森県産りんごの果汁で割りました。水や炭酸で五倍に薄めてお召し上がりください。ドレッシングの隠し味にも。"),
        en=Words(name="Drinking Black Vinegar, Apple", summary="Jar-brewed vinegar with Aomori apple.", description="Dilute five times with water or soda."),
        look=_look("bottle", "酢", "#5a2f2a", "#f3dcc4", "黒酢の瓶", "#f6eae2"), content=(500, "ml"), days=30,
        sizes=(Size(code="500", price=1944, option="500ml 瓶", option_en="500 ml bottle", grams=950, stock=(90, 60, 6)),),
    ),
    Goods(
        code="FOOD-SHOGA", brand=FOOD, shelf="drink", kana="ショウガ ハチミツ", keywords="生姜 しょうが 蜂蜜 ハニージンジャー",
        ja=Words(name="高知生姜のはちみつ漬け", summary="紅茶にひとさじ。寒い朝のお楽しみ。", description="高知県産の生姜を薄く切り、国産のはちみつに三週間漬けました。お湯割り、紅茶、豚肉の生姜焼きにも。はちみつを含むため、一歳未満のお子さまには与えないでください。"),
        en=Words(name="Kochi Ginger in Honey", summary="A spoonful for your black tea.", description="Thin slices, three weeks in honey. Not for infants under one year."),
        look=_look("jar", "姜", "#d59a3a", "#fdf1d2", "生姜のはちみつ漬けの瓶"), content=(240, "g"), days=30,
        sizes=(Size(code="240", price=1620, option="240g 瓶", option_en="240 g jar", grams=430, stock=(100, 50, 10)),),
    ),
    Goods(
        code="FOOD-GOMA", brand=FOOD, shelf="powder", kana="クロゴマ キナコ", keywords="黒胡麻 黒ごま きな粉",
        ja=Words(name="黒ごまきなこ", summary="牛乳に大さじ二杯。朝ごはんのもう一品に。", description="石臼で挽いた黒ごまと、北海道産大豆のきなこを半々に。てんさい糖でほんのり甘くしました。ごま・大豆を含みます。"),
        en=Words(name="Black Sesame Kinako", summary="Two spoonfuls in milk.", description="Stone-ground sesame and Hokkaido soy flour. Contains sesame and soy."),
        look=_look("pouch", "胡", "#3d3a3a", "#e9e2d3", "黒ごまきなこの袋に「胡」の文字"), content=(200, "g"), days=20,
        sizes=(Size(code="200", price=1058, option="200g 袋", option_en="200 g pouch", grams=215, stock=(150, 70, 10)),),
    ),
    Goods(
        code="FOOD-DASHI", brand=FOOD, shelf="pantry", kana="コヨミドウ ダシ パック", keywords="出汁 だし 鰹節 昆布",
        ja=Words(name="こよみ堂のだしパック 12袋", summary="鰹、昆布、煎茶粉。後味のすっきりしただし。", description="枕崎の鰹節、利尻の昆布に、煎茶の粉をほんの少し。沸いた湯に一袋、三分で黄金色のだしがとれます。食塩は加えていません。"),
        en=Words(name="Koyomido Dashi Bags, 12", summary="Bonito, kelp and a little sencha.", description="Three minutes in boiling water. No salt added."),
        look=_look("teabag", "出", "#a5803f", "#f7ecd3", "だしパックの箱"), content=(12, "袋"), days=24,
        sizes=(Size(code="12", price=1274, option="8g×12袋", option_en="12 × 8 g", grams=130, stock=(170, 80, 14)),),
    ),
    Goods(
        code="FOOD-UME", brand=FOOD, shelf="pantry", kana="ナンコウ ウメボシ シラボシ", keywords="梅干し 南高梅 塩だけ",
        ja=Words(name="南高梅の白干し", summary="塩だけで漬けた、昔の酸っぱさ。", description="和歌山県みなべの南高梅を、塩だけで漬けて三日三晩干しました。塩分18%。お茶請けに、ほうじ茶のお茶漬けに。"),
        en=Words(name="Nanko Umeboshi, Salt Only", summary="As sour as they used to be.", description="Nanko plums from Minabe, salt-cured and sun-dried. 18 % salt."),
        look=_look("jar", "梅", "#b04a4f", "#f8dfdb", "梅干しの瓶", "#f8ebe8"), content=(300, "g"), days=60,
        sizes=(Size(code="300", price=1836, option="300g 瓶", option_en="300 g jar", grams=520, stock=(9, 0, 0)),),
    ),
    Goods(
        code="FOOD-YOKAN", brand=FOOD, shelf="sweets", kana="マッチャ ミズヨウカン", keywords="水羊羹 和菓子 冷蔵",
        ja=Words(name="抹茶の水ようかん 6個", summary="「初音」をたっぷり使った、ひと口の涼。", description="抹茶「初音」と北海道の白小豆で炊きました。冷蔵でお届けします。お届けから十日以内にお召し上がりください。"),
        en=Words(name="Matcha Mizu-Yokan, 6 pieces", summary="A cool bite of matcha.", description="Made with our “Hatsune”. Sent chilled; enjoy within ten days."),
        look=_look("box", "羊", "#6d8f4e", "#eef4df", "抹茶の水ようかんの箱"), content=(6, "個"), forms=NORMAL, zone=TemperatureZone.CHILLED,
        sizes=(Size(code="6", price=1944, option="6個入り", option_en="Box of 6", grams=520, stock=(36, 0, 6)),),
    ),
    Goods(
        code="FOOD-CASTELLA", brand=FOOD, shelf="sweets", kana="ホウジチャ カステラ", keywords="カステラ 焼き菓子",
        ja=Words(name="ほうじ茶カステラ", summary="ざらめの残る、しっとりした一本。", description="「あかね」を粉にして生地に練りこみました。卵は富士山麓の平飼い。切り分けてあります。卵・小麦を含みます。"),
        en=Words(name="Hojicha Castella", summary="Moist, with coarse sugar at the bottom.", description="“Akane” in the batter. Contains egg and wheat."),
        look=_look("box", "糖", "#a66b3d", "#f8e7d0", "ほうじ茶カステラの箱"), content=(1, "本"), forms=NORMAL,
        sizes=(Size(code="1", price=1728, option="10切れ", option_en="10 slices", grams=430, stock=(48, 24, 8)),),
    ),
    Goods(
        code="FOOD-SENBEI", brand=FOOD, shelf="sweets", kana="チャ センベイ", keywords="煎餅 せんべい お茶請け",
        ja=Words(name="茶せんべい 12枚", summary="薄焼きに、茶葉を散らして。", description="薄く焼いた瓦せんべいに、煎茶と少しの塩。個包装なので、少しずつお楽しみいただけます。卵・小麦を含みます。"),
        en=Words(name="Tea Crackers, 12", summary="Thin, crisp, a little salty.", description="Wrapped one by one. Contains egg and wheat."),
        look=_look("pouch", "餅", "#b58a4a", "#f6ead2", "茶せんべいの袋に「餅」の文字"), content=(12, "枚"), forms=NORMAL,
        sizes=(Size(code="12", price=864, option="12枚 袋", option_en="Bag of 12", grams=180, stock=(120, 60, 16)),),
    ),
    Goods(
        code="FOOD-GRANOLA", brand=FOOD, shelf="pantry", kana="キナコ グラノーラ", keywords="グラノーラ 朝食 きな粉",
        ja=Words(name="きなこグラノーラ", summary="北海道のえん麦を、きなこと黒糖で。", description="えん麦、黒大豆、かぼちゃの種を、きなこと黒糖で焼きました。牛乳はもちろん、豆乳や冷たいほうじ茶をかけても。小麦・大豆を含みます。"),
        en=Words(name="Kinako Granola", summary="Hokkaido oats with brown sugar.", description="Oats, black soybeans and pumpkin seeds. Contains wheat and soy."),
        look=_look("pouch", "穀", "#9b7a4b", "#f4e9d5", "グラノーラの袋に「穀」の文字"), content=(250, "g"), days=14,
        sizes=(Size(code="250", price=1242, option="250g 袋", option_en="250 g bag", grams=270, stock=(0, 0, 0)),),
    ),
)  # fmt: skip
