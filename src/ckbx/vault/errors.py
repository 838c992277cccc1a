"""What can go wrong with personal data or its keys, and what should a person do then?"""

from __future__ import annotations

from ckbx.domain.shared.errors import CkbxError, InputRefused, RuleRefusal


class SecretMissing(CkbxError):
    """A key file is not there although the store was written with it."""

    code = "secret_missing"
    message = (
        "缺少密钥文件 {file}：请从密钥备份放回密钥目录后重试；不要新建，新密钥打不开已有的个人信息"
    )
    exit_code = 6


class SecretExposed(CkbxError):
    """A key file or its folder may be read by others, or belongs to somebody else."""

    code = "secret_exposed"
    message = "密钥 {file} 不安全（{why}）：请改为只有本程序账户可读（目录 0700，文件 0600）后重试"
    exit_code = 6


class SecretDamaged(CkbxError):
    """A key file does not hold a key."""

    code = "secret_damaged"
    message = "密钥文件 {file} 内容不完整：应为 64 位十六进制字符，请从密钥备份恢复"
    exit_code = 6


class SecretMismatch(CkbxError):
    """A key file holds another key than the one the store was written with."""

    code = "secret_mismatch"
    message = (
        "密钥 {key_id} 与本数据库不符：请核对密钥目录是否属于本县这套数据，从密钥备份恢复后重试"
    )
    exit_code = 6


class SecretUnregistered(CkbxError):
    """A wrapping key file lies in the folder that the store does not know.

    Whatever it wrapped would be lost with a file nobody keeps a copy of.
    """

    code = "secret_unregistered"
    message = (
        "密钥文件 {key_id}.key 没有在本数据库登记，不会用来加密：没有任何内容由它加密。"
        "它可能来自别的库或一次中断的轮换，请管理员把它移出密钥目录后重试"
    )
    exit_code = 6


class VaultRowDamaged(CkbxError):
    """A stored value was altered, or moved to another person, field or row."""

    code = "vault_row_damaged"
    message = (
        "个人信息密文校验不通过（对象 {subject}，字段 {field}，行 {row}）："
        "内容被改动或被移到别处，请停止使用该对象的信息，保留现场，并从备份核对"
    )
    exit_code = 4


class SubjectErased(RuleRefusal):
    """Nothing may be written about a person whose data were erased."""

    code = "subject_erased"
    message = "对象 {subject} 的个人信息已依法删除，不能再写入：如确需重新登记，请新建对象"


class SubjectUnknown(RuleRefusal):
    """The vault never held anything about this subject."""

    code = "subject_unknown"
    message = "个人信息库中没有对象 {subject}：请核对内部编号"


class SubjectKindDiffers(RuleRefusal):
    """A subject is one kind of person for ever."""

    code = "subject_kind_differs"
    message = "对象 {subject} 已登记为 {stored}，不能改作 {given}：请核对内部编号"


class NumberRefused(RuleRefusal):
    """A number cannot be filed for a child; ``ids["subject"]`` is the child that asked.

    ``refusals`` has all that a batch met, this one included.
    """

    refusals: tuple[NumberRefused, ...] = ()


class NumberTaken(NumberRefused):
    """Another child holds the number; whether it is the same one, a person must decide."""

    code = "number_taken"
    message = (
        "这个{kind}已登记在另一名学生（内部编号 {holder}）名下，没有登记给 {subject}："
        "请核对是否同一人；不是同一人的，请先更正写错的号码"
    )


class NumberErased(NumberRefused):
    """The personal data of whoever held the number were erased by law."""

    code = "number_erased"
    message = (
        "这个{kind}的持有人的个人信息已依法删除，不能再登记（{subject}）："
        "请从文件中去掉这一行；确需重新登记的，请持书面依据报县教育局"
    )


class LookupAmbiguous(RuleRefusal):
    """Several people are filed under one number; a person must decide which is meant."""

    code = "lookup_ambiguous"
    message = "按 {kind} 查到 {count} 个人，系统不能代为选择：请先核对是否同一人，再用内部编号操作"


class FieldUnknown(InputRefused):
    """A field name the vault does not know."""

    code = "vault_field_unknown"
    message = "个人信息库没有字段 {field}；可用：identity、contact、marks、notes、note:<编号>"


class AccessUnexplained(InputRefused):
    """Nobody reads personal data without saying who, where and why."""

    code = "access_unexplained"
    message = "查阅个人信息必须写明{what}：请补充后重试"


class LookupEmpty(InputRefused):
    """A look-up value is blank."""

    code = "lookup_empty"
    message = "用于查找的 {kind} 是空的：请填写后重试"
